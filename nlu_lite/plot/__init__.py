"""Figures of vectors, by plotly (extra ``plot``): returned, never shown."""

from nlu_lite.plot.figures import map, similarity  # noqa: A004 - nlu.plot.map is its name

__all__ = ["map", "similarity"]
