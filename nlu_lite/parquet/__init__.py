"""A dataset folder of words and vectors, written part by part, and after a kill from there on."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nlu_lite.inputs import import_pyarrow
from nlu_lite.parquet.settings import ParquetArguments, Settings

if TYPE_CHECKING:
    from nlu_lite.parquet.job import to_parquet
    from nlu_lite.parquet.joining import join

__all__ = ["ParquetArguments", "Settings", "join", "to_parquet"]

# Bound when first used: their modules need pyarrow, which only those who write Parquet have.
_HOMES = {"join": "joining", "to_parquet": "job"}


if not TYPE_CHECKING:  # a type checker would take any name for one of the package's

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name is bound to
        if name not in _HOMES:
            raise AttributeError(f"nlu_lite.parquet has no {name!r}; its names are {__all__}.")
        import_pyarrow("To write Parquet")
        return getattr(import_module(f"nlu_lite.parquet.{_HOMES[name]}"), name)
