"""Texts -> sentences and words, with offsets."""

from nlu_lite.text.rules import segmenter
from nlu_lite.text.segmentation import Segmentation, Segmenter
from nlu_lite.text.sentences import readable
from nlu_lite.text.spark_sentences import SparkSentences
from nlu_lite.text.spark_words import SparkTokenizer

__all__ = ["Segmentation", "Segmenter", "SparkSentences", "SparkTokenizer", "readable", "segmenter"]
