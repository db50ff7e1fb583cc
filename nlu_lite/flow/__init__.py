"""The way of the data from documents to rows: the other rooms called in turn."""

from nlu_lite.flow.card import html_card
from nlu_lite.flow.comparing import Comparing
from nlu_lite.flow.components import check_column_count, check_flow, find_components
from nlu_lite.flow.estimate import Estimate, measure_estimate, refuse_iterators
from nlu_lite.flow.examples import is_blank, named_rows, read_examples
from nlu_lite.flow.flow import Flow
from nlu_lite.flow.frame_options import (
    EstimateArguments,
    FrameArguments,
    FrameOptions,
    PredictArguments,
    StreamArguments,
    UnitArguments,
)
from nlu_lite.flow.learning import Learning
from nlu_lite.flow.similarity import label_column, row_labels, vector_similarity
from nlu_lite.flow.stream import stream_frames

__all__ = [
    "Comparing",
    "Estimate",
    "EstimateArguments",
    "Flow",
    "FrameArguments",
    "FrameOptions",
    "Learning",
    "PredictArguments",
    "StreamArguments",
    "UnitArguments",
    "check_column_count",
    "check_flow",
    "find_components",
    "html_card",
    "is_blank",
    "label_column",
    "measure_estimate",
    "named_rows",
    "read_examples",
    "refuse_iterators",
    "row_labels",
    "stream_frames",
    "vector_similarity",
]
