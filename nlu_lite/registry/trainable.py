"""The references of NLU that stand for something to be trained, and what becomes of each here."""

from __future__ import annotations

from collections.abc import Sequence

from nlu_lite.errors import OptionError, UnservedReferenceError
from nlu_lite.registry import Entry
from nlu_lite.registry.schema import TRAIN

# Labels of texts or, where the level says so, of words.
CLASSIFIERS = ("train.classifier", "train.classifier_dl", "train.sentiment", "train.sentiment_dl")
TAGGERS = ("train.ner", "train.named_entity_recognizer_dl", "train.pos")
TRAINABLE = (*CLASSIFIERS, *TAGGERS)
_LICENSED = "it is a licensed part of NLU"
_UNSERVED = {
    "train.multi_classifier": (
        "several labels for one text are not learnt here; make a column of True and False for each "
        "label and fit one "
        '"train.classifier" to each'
    ),
    **dict.fromkeys(
        (
            "train.word_seg",
            "train.word_segmenter",
            "train.deep_sentence_detector",
            "train.sentence_detector",
        ),
        "words and sentences are cut by rules; load takes functions of your own as words= and "
        "sentences=",
    ),
    **dict.fromkeys(
        (
            *(
                "train.generic_classifier",
                "train.resolve_sentence",
                "train.resolve",
                "train.assertion",
            ),
            *("train.assert", "train.assertion_dl"),
        ),
        _LICENSED,
    ),
}


def is_trainable(name: str) -> bool:
    """Whether a name of a request is one of NLU's for something to be trained."""
    return name.startswith("train.")


def split(names: Sequence[str], *, has_path: bool = False) -> tuple[list[str], str | None]:
    """A request without what is to be trained, and that.

    Args:
        names: Of a request.
        has_path: Whether a folder is named beside, whose vectors it can learn from.

    Raises:
        OptionError: Two things are to be trained, or one without an embedding to learn from.
        UnservedReferenceError: NLU trains it, this package does not.

    Example:
        >>> split(["en.embed_sentence.minilm_l6", "train.classifier"])
        (['en.embed_sentence.minilm_l6'], 'train.classifier')
    """
    rest = [name for name in names if not is_trainable(name)]
    wanted = [name for name in names if is_trainable(name)]
    for name in wanted:
        if name not in TRAINABLE:
            reason = _UNSERVED.get(name, "NLU does not know it either")
            raise UnservedReferenceError(
                f"{name!r} is not served: {reason}. Served are {', '.join(TRAINABLE)}."
            )
    if len(wanted) > 1:
        raise OptionError(
            f"One thing is trained at a time; the request has {' and '.join(wanted)}. Make a "
            f"pipeline of each."
        )
    if wanted and not rest and not has_path:
        example = "en.embed.minilm_l6" if wanted[0] in TAGGERS else "en.embed_sentence.minilm_l6"
        raise OptionError(
            f"{wanted[0]} learns from vectors: name an embedding before it, such as "
            f"{f'{example} {wanted[0]}'!r}."
        )
    return rest, wanted[0] if wanted else None


def entry_of(name: str) -> Entry:
    """What the registry would say about something to be trained.

    Args:
        name: One of ``TRAINABLE``.
    """
    return Entry(
        request=name,
        reference=name,
        task=TRAIN,
        language=None,
        model_name=name,
        sources=(),
        origin="train",
    )
