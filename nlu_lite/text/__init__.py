"""Texts -> sentences and words, with offsets."""

from nlu_lite.text.rules import build_segmenter
from nlu_lite.text.segmentation import Document, Segmentation, Segmenter
from nlu_lite.text.sentences import replace_surrogates
from nlu_lite.text.spans import check_spans
from nlu_lite.text.spark_nlp import SparkSentences, SparkTokenizer

__all__ = [
    "Document",
    "Segmentation",
    "Segmenter",
    "SparkSentences",
    "SparkTokenizer",
    "build_segmenter",
    "check_spans",
    "replace_surrogates",
]
