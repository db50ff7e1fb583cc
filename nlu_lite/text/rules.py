"""Options and a language -> the rules that cut a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from nlu_lite.options import Options, Spans, Splitter
from nlu_lite.text import sentences, words
from nlu_lite.text.segmentation import Segmenter
from nlu_lite.text.spark_nlp.sentences import SparkSentences
from nlu_lite.text.spark_nlp.words import SparkTokenizer

# Languages written without spaces: a run without white space is no word there.
WITHOUT_SPACES = ("zh", "ja", "th", "lo", "km", "my")


def build_segmenter(options: Options, language: str, model_words: Splitter | None) -> Segmenter:
    """The rules that options ask for in a language.

    A boundary of a sentence never cuts a word: it moves to the word's end. Spark's words in Spark's
    sentences need no such rule, since Spark NLP cuts the sentences first and looks for words in
    each by itself, and so do we.

    Args:
        options: Names of rules, or functions.
        language: Language code. ``words="standard"`` is Unicode's rule in languages written without
            spaces.
        model_words: The rule of ``words="model"``, if that is asked for.
    """
    spark_words = options.words == "spark" or isinstance(options.words, SparkTokenizer)
    spark_sentences = options.sentences == "spark" or isinstance(options.sentences, SparkSentences)
    rule: Splitter
    word_end: Callable[[str, Spans, int], int] | None
    if options.words == "standard" and re.split("[-_]", language.lower())[0] in WITHOUT_SPACES:
        rule, word_end = words.unicode, words.end_of_word
    elif options.words == "standard":
        rule, word_end = words.standard_words, words.end_of_candidate
    elif spark_words:
        rule = options.words if isinstance(options.words, SparkTokenizer) else SparkTokenizer()
        word_end = None if spark_sentences else _end_of_candidate_and_word
    else:
        named: dict[str, Splitter] = {"unicode": words.unicode}
        if model_words is not None:
            named["model"] = partial(_of_model, model_words)
        rule = named[options.words] if isinstance(options.words, str) else options.words
        word_end = words.end_of_word
    return Segmenter(
        words=rule,
        sentences=_sentences(options, language, to_the_letter=word_end is None),
        word_end=word_end,
    )


def _of_model(model_words: Splitter, text: str) -> Spans:
    return words.in_order(text, model_words(sentences.replace_surrogates(text)))


def _end_of_candidate_and_word(text: str, found: Spans, position: int) -> int:
    """Exceptions of Spark's tokenizer may hold spaces, so that a boundary at a space can be inside a word too."""
    return words.end_of_candidate(text, found, words.end_of_word(text, found, position))


def _sentences(options: Options, language: str, *, to_the_letter: bool) -> Splitter | None:
    if options.sentences == "auto":
        return partial(sentences.automatic, language=language)
    if options.sentences == "spark":
        return SparkSentences() if to_the_letter else _gapless_spark
    return options.sentences if callable(options.sentences) else None


def _gapless_spark(text: str) -> Spans:
    """Spark NLP's sentences with the control characters at their ends, which other rules may take for words."""
    return sentences.gapless(text, SparkSentences()(text))
