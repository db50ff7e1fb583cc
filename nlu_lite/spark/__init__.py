"""Spark DataFrames through a pipeline, on Spark's own workers.

PySpark and pyarrow are needed (``pip install 'nlu-lite[spark]'``), and are imported when one of the
two is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nlu_lite.errors import MissingExtraError

if TYPE_CHECKING:
    from nlu_lite.spark.frames import transform
    from nlu_lite.spark.stage import TextEmbedder

__all__ = ["TextEmbedder", "transform"]

_HOMES = {"TextEmbedder": "stage", "transform": "frames"}


def require() -> None:
    """Raise where what this room needs is not installed.

    Raises:
        MissingExtraError: It is not; the message names the extra.
    """
    try:
        for library in ("pyspark.sql", "pyarrow"):
            import_module(library)
    except ImportError as error:
        raise MissingExtraError(
            f"nlu_lite.spark needs PySpark and pyarrow: pip install 'nlu-lite[spark]' ({error})."
        ) from error


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name is bound to
    if name not in _HOMES:
        raise AttributeError(
            f"nlu_lite.spark has no {name!r}; its public names are {', '.join(__all__)}."
        )
    require()
    value = getattr(import_module(f"nlu_lite.spark.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
