"""Texts -> sentences and words, with offsets."""

from nlu_lite.text.segmentation import Segmentation, Segmenter, readable

__all__ = ["Segmentation", "Segmenter", "readable"]
