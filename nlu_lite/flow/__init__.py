"""The way of the data from documents to rows: the other rooms called in turn."""

from nlu_lite.flow.card import html_card
from nlu_lite.flow.estimate import Estimate, estimate, refuse_iterators
from nlu_lite.flow.examples import examples, is_blank, named_rows
from nlu_lite.flow.fit import fit
from nlu_lite.flow.flow import Flow, lineage
from nlu_lite.flow.frame_options import FrameOptions
from nlu_lite.flow.stream import stream

__all__ = [
    "Estimate",
    "Flow",
    "FrameOptions",
    "estimate",
    "examples",
    "fit",
    "html_card",
    "is_blank",
    "lineage",
    "named_rows",
    "refuse_iterators",
    "stream",
]
