"""The labels of units by a trained head: the sibling of ``labelling``, on vectors of another component."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nlu_lite import frame
from nlu_lite.frame import UnitVectors, WordCollector
from nlu_lite.tasks.encoding import of_texts, of_words, read_as
from nlu_lite.tasks.labelling import UnitLabels
from nlu_lite.text import replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.common import Ints
    from nlu_lite.encoder import Work
    from nlu_lite.frame import Units
    from nlu_lite.tasks.head.component import Trained
    from nlu_lite.text import Segmentation

Progress = Callable[[int], object]


def of_trained(
    item: Trained, cut: Segmentation, units: Units, level: str, progress: Progress
) -> Work[UnitLabels]:
    """The label of each unit.

    What was learnt of words labels words, and gives lists above their level. What was learnt of
    texts labels the unit's own text, at token level that of the word's sentence.

    Args:
        item: Fitted.
        cut: The documents.
        units: The rows wanted.
        level: Their level.
        progress: Called with the number of words or texts done.
    """
    if item.fitted().level == "token":
        return (yield from _of_words(item, cut, units, level, progress))
    plan = item.source.plan
    if item.source.entry.task == "embed_sentence":
        return _labels(item, (yield from of_texts(plan, cut, units, level, progress)), None)
    # The mean of the words, as was learnt, whatever the frame's vectors are.
    if level != "token":
        return _labels(item, (yield from of_words(plan, cut, units, level, "mean", progress)), None)
    sentences = frame.units_of("sentence", cut)
    return _labels(
        item,
        (yield from of_words(plan, cut, sentences, "sentence", "mean", progress)),
        units.sentence,
    )


def _of_words(
    item: Trained, cut: Segmentation, units: Units, level: str, progress: Progress
) -> Work[UnitLabels]:
    from nlu_lite.encoder import encode_words

    plan, head = item.source.plan, item.fitted()
    collector = WordCollector(len(cut.word_begin), plan.final_width)
    reading = yield from encode_words(
        plan,
        [replace_surrogates(sentence) for sentence in cut.sentences()],
        cut.word_sentence,
        cut.word_begin - cut.sentence_begin[cut.word_sentence],
        cut.word_end - cut.sentence_begin[cut.word_sentence],
        collector=collector,
        progress=progress,
    )
    label, confidence = head.predict(collector.matrix, collector.present)
    return UnitLabels(
        head.classes.names,
        label[units.words],
        confidence[units.words],
        *read_as(units, level, cut, reading),
        starts=None if level == "token" else units.starts,
        own=head.classes,
    )


def _labels(item: Trained, found: UnitVectors, at: Ints | None) -> UnitLabels:
    """Of vectors, or of those at some places."""
    head = item.fitted()
    assert not isinstance(found.matrix, list), "units were joined"
    label, confidence = head.predict(found.matrix, found.present)
    where: Ints | slice = slice(None) if at is None else at
    unknown = None if found.is_unknown is None else found.is_unknown[where]
    counts = (found.piece_count[where], found.window_count[where])
    return UnitLabels(
        head.classes.names, label[where], confidence[where], *counts, unknown, own=head.classes
    )
