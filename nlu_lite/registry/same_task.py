"""The served reference that does the same as a name of NLU that is not served."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nlu_lite.registry.entry import Entry
from nlu_lite.registry.schema import MULTILINGUAL
from nlu_lite.registry.substitutes import stands_in_for, substitutes
from nlu_lite.registry.task_kinds import TASK_KINDS, TEXT_LABELS, WORD_LABELS
from nlu_lite.registry.unserved import UnservedName, unserved_names

# What texts are classified by. A classifier of one is no use for another.
_TOPICS = ("sentiment", "emotion", "toxic", "hate", "spam", "news")
# Models with labels of words that are neither entities nor parts of speech.
_OTHER_LABELS = "typo"
_WORDS = re.compile(r"[A-Za-z]+")


def nearest_of_task(record: UnservedName, entries: Iterable[Entry]) -> str:
    """The served reference of the same task and topic, in its language or in many; or empty.

    Args:
        record: Of the name that is not served.
        entries: Those that are.
    """
    kind = TASK_KINDS.get(record.task or "")
    if kind is None:
        return ""
    if kind.gives_vectors:
        return _usual_nearest(record)
    topic = _topic(f"{record.reference} {record.spark_name}", kind.name)
    if topic is None:
        return ""
    languages = (record.language, MULTILINGUAL)
    candidates = [
        entry
        for entry in entries
        if entry.task == kind.name and entry.language in languages and _topic_of(entry) == topic
    ]
    # Those that most notebooks would need first.
    usual = list(dict.fromkeys(row.served for row in substitutes().values()))

    def distance(entry: Entry) -> tuple[bool, int, int, str]:
        name = str(entry.reference)
        rank = usual.index(name) if name in usual else len(usual)
        return entry.language != record.language, rank, len(name), name

    return str(min(candidates, key=distance).reference) if candidates else ""


def _topic_of(entry: Entry) -> str | None:
    names = [entry.reference, entry.spark_name, *stands_in_for(str(entry.reference))]
    return _topic(" ".join(filter(None, names)), str(entry.task))


def _topic(names: str, task: str) -> str | None:
    """What a model says about words or texts; None where its names do not tell."""
    low_names = names.lower()
    if task == WORD_LABELS.name:
        if _OTHER_LABELS in low_names:
            return None
        return "pos" if "pos" in _WORDS.findall(low_names) else "ner"
    if task == TEXT_LABELS.name:
        return next((topic for topic in _TOPICS if topic in low_names), None)
    return task


def _usual_nearest(record: UnservedName) -> str:
    """What is nearest to most other names of its task and language, or of any language."""
    for language in (record.language, MULTILINGUAL):
        counts = Counter(
            other.nearest
            for other in unserved_names().values()
            if other.action == record.action and other.language == language
        )
        if counts:
            return counts.most_common(1)[0][0]
    return ""
