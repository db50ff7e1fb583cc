"""Figures of vectors, by plotly (extra ``plot``): returned, never shown."""

from nlu_lite.plot.figures import map, similarity

__all__ = ["map", "similarity"]
