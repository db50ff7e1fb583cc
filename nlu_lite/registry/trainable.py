"""The references of NLU that stand for something to be trained, and what becomes of each here."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nlu_lite.errors import OptionError, UnservedReferenceError
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.task_kinds import TRAINED_HEAD

_log = logging.getLogger("nlu_lite")

# Labels of texts or, where the level says so, of words.
TRAINABLE_CLASSIFIERS = (
    "train.classifier",
    "train.classifier_dl",
    "train.sentiment",
    "train.sentiment_dl",
)
TRAINABLE_TAGGERS = ("train.ner", "train.named_entity_recognizer_dl", "train.pos")
# What joins by itself where a request names no embedding.
# Source: NLU 5.4.1, which takes small_bert_L2_128 and its sentence twin.
DEFAULT_TEXTS = "en.embed_sentence.small_bert_L2_128"
DEFAULT_WORDS = "en.embed.bert.small_L2_128"
# Several labels of a text, or none.
TRAINABLE_SEVERAL = ("train.multi_classifier", "train.multi_classifier_dl")
TRAINABLE = (*TRAINABLE_CLASSIFIERS, *TRAINABLE_SEVERAL, *TRAINABLE_TAGGERS)
_RULES = (
    "words and sentences are cut by rules; load takes functions of your own as words= and "
    "sentences="
)
_LICENSED = "it is a licensed part of NLU"
_REASONS = {
    "train.word_seg": _RULES,
    "train.word_segmenter": _RULES,
    "train.deep_sentence_detector": _RULES,
    "train.sentence_detector": _RULES,
    "train.generic_classifier": _LICENSED,
    "train.resolve_sentence": _LICENSED,
    "train.resolve": _LICENSED,
    "train.assertion": _LICENSED,
    "train.assert": _LICENSED,
    "train.assertion_dl": _LICENSED,
}


def is_trainable(name: str) -> bool:
    """Whether a name of a request is one of NLU's for something to be trained."""
    return name.startswith("train.")


def split_trainable(
    names: Sequence[str], *, has_path: bool = False
) -> tuple[list[str], str | None]:
    """A request without what is to be trained, and that.

    Without an embedding to learn from, the one of two layers joins that NLU takes.

    Args:
        names: The names of a request.
        has_path: Whether a folder is named beside, whose vectors it can learn from.

    Raises:
        OptionError: Two things are to be trained.
        UnservedReferenceError: NLU trains it, this package does not.

    Example:
        >>> split_trainable(["en.embed_sentence.minilm_l6", "train.classifier"])
        (['en.embed_sentence.minilm_l6'], 'train.classifier')
        >>> split_trainable(["train.ner"])
        (['en.embed.bert.small_L2_128'], 'train.ner')
    """
    embeddings = [name for name in names if not is_trainable(name)]
    trainable = [name for name in names if is_trainable(name)]
    for name in trainable:
        _refuse_unserved(name)
    if not trainable:
        return embeddings, None
    if len(trainable) > 1:
        raise OptionError(
            f"One thing is trained at a time; the request has {' and '.join(trainable)}. Make a "
            f"pipeline of each."
        )
    (name,) = trainable
    if not embeddings and not has_path:
        embeddings = [DEFAULT_WORDS if name in TRAINABLE_TAGGERS else DEFAULT_TEXTS]
        _log.info("%s learns from the vectors of %s, as in NLU", name, *embeddings)
    return embeddings, name


def _refuse_unserved(name: str) -> None:
    if name in TRAINABLE:
        return
    reason = _REASONS.get(name, "NLU does not know it either")
    raise UnservedReferenceError(
        f"{name!r} is not served: {reason}. Served are {', '.join(TRAINABLE)}."
    )


def trainable_entry(name: str) -> Entry:
    """What the registry would say about something to be trained.

    Args:
        name: One of ``TRAINABLE``.
    """
    return Entry(
        request=name,
        reference=name,
        task=TRAINED_HEAD.name,
        language=None,
        model_name=name,
        sources=(),
        origin="train",
    )
