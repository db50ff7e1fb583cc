"""What NLU does for a name that stands for another task than vectors, told by a part of the name.

Source: NLU 5.4.1.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Word of the tables -> what does the task without a model of NLU; others stand for themselves.
NEAREST = {
    "words": "spaCy or Stanza for this, and its words to `predict` as lists, one list a text: then "
    "the rows are the same",
    "hub": "a model of the hub for this by transformers itself",
    "train": "nlu_lite.load('en.embed.minilm_l6 train.pos').fit(df) from lists of words and lists "
    "of labels, or train.classifier",
    "train_texts": "nlu_lite.load('en.embed_sentence.minilm_l6 train.classifier').fit(df) from "
    "texts and their labels y",
    "train_several": "nlu_lite.load('en.embed_sentence.minilm_l6 train.multi_classifier').fit(df) "
    "from texts and lists of labels y",
    "chunks": 'output_level="chunk" of nlu_lite.load(...).predict, with chunks= for the phrases or '
    "a function",
    "entities": "spaCy or Stanza for this, or nlu_lite.load('en.embed.minilm_l6 train.ner').fit(df)"
    " from lists of words and lists of labels",
    "strings": "pandas' string methods on the column `token`, or on the text before `predict`",
    "stems": "NLTK's PorterStemmer on the column `token`",
    "stopwords": "a list of stop words and `isin` on the column `token`",
    "spelling": "a spelling corrector, such as pyspellchecker, on the text before `predict`",
    "language": "a package such as langdetect, or a model of the hub by transformers itself",
    "segmenter": 'words="unicode", or a segmenter such as jieba as words= of nlu_lite.load',
    "keywords": 'the Python package yake, or output_level="chunk" of nlu_lite.load(...).predict '
    "with chunks= for the phrases",
    "coreference": "the Python package fastcoref",
    "speech": 'pipeline("automatic-speech-recognition") of transformers with a model of the hub',
    "picture": 'pipeline("image-classification") of transformers with a model of the hub',
    "tables": 'pipeline("table-question-answering") of transformers with a model of the hub',
    "makes_text": "`generate` of transformers with a model of the hub",
    "paid": "a served reference, such as 'en.embed_sentence.e5_small'",
    "nothing": "nothing in this package",
}
# The task is one that every result does without being asked.
_NEEDLESS = "needless"
_PIPELINES = ("explain", "explain_document")
# Parts that tell the task wherever they stand, as in `xx.de.marian.translate_to.en`.
_ANYWHERE = ("translate_to", "marian", "zero_shot_classifier", "classify")


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTask:
    """What NLU does for a name of its own that stands for no vectors.

    Attributes:
        name: The part of references that says it, such as ``pos``.
        does: The same in words for people, as a predicate: ``tags parts of speech``.
        columns: The main columns that NLU gives for it, ``{x}`` for the model's name; empty where
            none would be missed or the name is not known.
        older_columns: What they were called in earlier releases.
        nearest: What does it instead.
        is_needless: Every result has it without being asked.
    """

    name: str
    does: str
    columns: tuple[str, ...]
    older_columns: tuple[str, ...]
    nearest: str
    is_needless: bool

    @property
    def is_pipeline(self) -> bool:
        """Whether it is no task of its own, but several steps."""
        return self.name in _PIPELINES

    def explain(self, reference: str) -> str:
        """Why a reference that stands for it is not served, and what to do instead.

        Args:
            reference: As typed.
        """
        if self.is_needless:
            return f"{reference!r} is not needed: words and sentences are always found"
        return f"{reference!r} {self.does}, and is not served. Nearest: {self.nearest}"


@cache
def other_tasks() -> dict[str, OtherTask]:
    """From the part of a reference that says what is done to what that is."""
    text = resources.files(__package__).joinpath("other_tasks.csv").read_text(encoding="utf-8")
    return {row["name"]: _task_of(row) for row in csv.DictReader(text.splitlines())}


def task_of_parts(parts: Sequence[str]) -> OtherTask | None:
    """The task that the parts of a reference tell; None where none does.

    Args:
        parts: Between the dots, without the language.
    """
    telling = [*parts[:1], *(part for part in _ANYWHERE if part in parts)]
    return next((other_tasks()[part] for part in telling if part in other_tasks()), None)


def _task_of(row: Mapping[str, str]) -> OtherTask:
    return OtherTask(
        name=row["name"],
        does=row["does"],
        columns=tuple(row["columns"].split()),
        older_columns=tuple(row["older_columns"].split()),
        nearest=NEAREST.get(row["nearest"], row["nearest"]),
        is_needless=row["nearest"] == _NEEDLESS,
    )
