"""An entry -> the folder of its files: in a package, in a folder, in the hub's cache, or fetched."""

from nlu_lite.weights.location import digest, is_local, locate, update
from nlu_lite.weights.spark_nlp import refuse_spark_nlp

__all__ = ["digest", "is_local", "locate", "refuse_spark_nlp", "update"]
