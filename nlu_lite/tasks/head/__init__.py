"""Heads on vectors: classifiers that ``Pipeline.fit`` trains and saved pipelines hold."""

from nlu_lite.tasks.head.classes import Classes, plain_value
from nlu_lite.tasks.head.classifier import learn
from nlu_lite.tasks.head.component import TrainedComponent, source_of
from nlu_lite.tasks.head.head import Head
from nlu_lite.tasks.head.several import learn_labels

__all__ = [
    "Classes",
    "Head",
    "TrainedComponent",
    "learn",
    "learn_labels",
    "plain_value",
    "source_of",
]
