"""A dataset folder of words and vectors, written part by part, and after a kill from there on."""

from nlu_lite.inputs import import_pyarrow

# All modules of this room need it.
import_pyarrow("To write Parquet")

from nlu_lite.parquet.job import to_parquet  # noqa: E402
from nlu_lite.parquet.joining import join  # noqa: E402
from nlu_lite.parquet.settings import Settings  # noqa: E402

__all__ = ["Settings", "join", "to_parquet"]
