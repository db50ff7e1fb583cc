"""Whole small models that learn classes of texts: from labels, or from a larger model."""

from nlu_lite.train.distillation import distil
from nlu_lite.train.fine_tuning import finetune

__all__ = ["distil", "finetune"]
