"""Options and a language -> the rules that cut a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from nlu_lite.options import Options, Spans, Splitter
from nlu_lite.registry import MULTILINGUAL
from nlu_lite.text import words
from nlu_lite.text.clusters import drop_invisible, keep_clusters
from nlu_lite.text.segmentation import Segmenter
from nlu_lite.text.sentences import close_gaps, replace_surrogates, split_sentences, whole_text
from nlu_lite.text.spark_nlp import SparkSentences, SparkTokenizer

# Languages written without spaces: a run without white space is no word there.
WITHOUT_SPACES = {"zh", "ja", "th", "lo", "km", "my"}


def build_segmenter(options: Options, language: str, model_words: Splitter | None) -> Segmenter:
    """The rules that options ask for in a language.

    Args:
        options: Names of rules, or functions.
        language: Language code. ``words="standard"`` is Unicode's rule in languages written without
            spaces, and goes by script where the language is ``xx``, many.
        model_words: The rule of ``words="model"``, if that is asked for.
    """
    word_rule = _word_rule(options.words, language, model_words)
    spark_words = isinstance(word_rule, SparkTokenizer)
    sentence_rule = _sentence_rule(options.sentences, language, spark_words=spark_words)
    # Spark NLP cuts the sentences first and looks for words in each by itself, and so do we.
    spark_only = spark_words and isinstance(sentence_rule, SparkSentences)
    return Segmenter(
        words=word_rule,
        sentences=sentence_rule,
        unbreakable=None if spark_only else _unbreakable_rule(word_rule),
    )


def _word_rule(rule: str | Splitter, language: str, model_words: Splitter | None) -> Splitter:
    named: dict[str, Splitter] = {
        "standard": _standard_rule(language),
        "unicode": words.unicode_words,
        "spark": SparkTokenizer(),
    }
    if model_words is not None:
        named["model"] = partial(_words_of_model, model_words)
    return named[rule] if isinstance(rule, str) else rule


def _standard_rule(language: str) -> Splitter:
    base_language = re.split("[-_]", language.lower())[0]
    if base_language in WITHOUT_SPACES:
        return words.unicode_words
    return words.script_words if base_language == MULTILINGUAL else words.standard_words


def _words_of_model(model_words: Splitter, text: str) -> Spans:
    """The tokenizer's words, with the marks that it strips, none cutting a cluster."""
    spans = words.separate_words(text, model_words(replace_surrogates(text)))
    return drop_invisible(text, keep_clusters(text, spans))


def _sentence_rule(rule: str | Splitter | None, language: str, *, spark_words: bool) -> Splitter:
    named: dict[str | None, Splitter] = {
        "auto": partial(split_sentences, language=language),
        "spark": SparkSentences() if spark_words else _gapless_spark_sentences,
        None: whole_text,
    }
    return rule if callable(rule) else named[rule]


def _gapless_spark_sentences(text: str) -> Spans:
    """Spark NLP's sentences, and control characters at their ends, which may be words elsewhere."""
    return close_gaps(text, SparkSentences()(text))


def _unbreakable_rule(word_rule: Splitter) -> Callable[[str, Spans], Spans]:
    if word_rule is words.standard_words:
        return words.find_candidates
    if word_rule is words.script_words:
        return words.split_candidates
    if isinstance(word_rule, SparkTokenizer):
        return words.merge_candidates
    return lambda _text, spans: spans
