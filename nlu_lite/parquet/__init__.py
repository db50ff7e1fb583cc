"""A dataset folder of words and vectors, written part by part, and after a kill from there on."""

from nlu_lite.parquet.job import to_parquet
from nlu_lite.parquet.joining import join
from nlu_lite.parquet.settings import Settings

__all__ = ["Settings", "join", "to_parquet"]
