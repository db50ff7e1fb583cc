"""A dataset folder of words and vectors, written part by part; killed and run again it goes on where it stopped."""

from nlu_lite.parquet.job import to_parquet
from nlu_lite.parquet.joined import join
from nlu_lite.parquet.settings import Settings

__all__ = ["Settings", "join", "to_parquet"]
