"""Words and sentences by Spark NLP's rules, to the letter."""

from nlu_lite.text.spark_nlp.sentences import SparkSentences
from nlu_lite.text.spark_nlp.words import SparkTokenizer

__all__ = ["SparkSentences", "SparkTokenizer"]
