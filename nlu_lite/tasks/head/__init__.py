"""Heads on vectors: classifiers that ``Pipeline.fit`` trains and saved pipelines hold."""

from nlu_lite.tasks.head.classes import Classes, plain_value
from nlu_lite.tasks.head.classifier import Head, learn
from nlu_lite.tasks.head.component import Trained, source_of
from nlu_lite.tasks.head.units import of_trained

__all__ = ["Classes", "Head", "Trained", "learn", "of_trained", "plain_value", "source_of"]
