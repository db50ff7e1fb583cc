"""Texts -> sentences and words, with offsets."""

from nlu_lite.text.rules import segmenter
from nlu_lite.text.segmentation import Document, Segmentation, Segmenter, checked
from nlu_lite.text.sentences import readable
from nlu_lite.text.spark_nlp import SparkSentences, SparkTokenizer

__all__ = [
    "Document",
    "Segmentation",
    "Segmenter",
    "SparkSentences",
    "SparkTokenizer",
    "checked",
    "readable",
    "segmenter",
]
