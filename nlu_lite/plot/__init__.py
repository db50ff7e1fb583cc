"""Figures of vectors, by plotly (extra ``plot``): returned, never shown."""

from nlu_lite.plot.figures import map, similarity  # noqa: A004 - nlu.plot.map is its name

__all__ = ["map", "similarity"]


def __dir__() -> list[str]:
    """The figures, for completion; the modules that make them are none."""
    hidden = (name for name in globals() if name.startswith("__"))
    return sorted({*hidden, *__all__})
