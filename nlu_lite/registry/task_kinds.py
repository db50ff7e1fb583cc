"""What each task is; what it does stands in `nlu_lite.tasks`, above the rooms that ask here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TaskKind:
    """One row of the table of tasks.

    Attributes:
        name: The word that a registry file, ``task=`` and a saved pipeline have for it.
        reads: What the model says something about: each word, a whole text, or a pair of texts.
        gives: What it says.
    """

    name: str
    reads: Literal["words", "texts", "pairs"]
    gives: Literal["vectors", "labels", "answers", "texts"]

    @property
    def reads_words(self) -> bool:
        """Whether its units are words; otherwise they are whole texts."""
        return self.reads == "words"

    @property
    def reads_pairs(self) -> bool:
        """Whether the model reads two texts at once."""
        return self.reads == "pairs"

    @property
    def gives_vectors(self) -> bool:
        """Whether it gives vectors."""
        return self.gives == "vectors"

    @property
    def gives_labels(self) -> bool:
        """Whether it gives labels or answers, with their probabilities."""
        return self.gives in ("labels", "answers")

    @property
    def pools_texts(self) -> bool:
        """Whether the states of a text's pieces are joined to one vector."""
        return self.gives_vectors and not self.reads_words


WORD_VECTORS = TaskKind("embed", reads="words", gives="vectors")
TEXT_VECTORS = TaskKind("embed_sentence", reads="texts", gives="vectors")
WORD_LABELS = TaskKind("token_classification", reads="words", gives="labels")
TEXT_LABELS = TaskKind("text_classification", reads="texts", gives="labels")
ZERO_SHOT = TaskKind("zero_shot", reads="pairs", gives="labels")
QUESTION_ANSWERING = TaskKind("question_answering", reads="pairs", gives="answers")
TRANSLATION = TaskKind("translation", reads="texts", gives="texts")
# What stands for something to be trained; no registry file has it.
TRAINED_HEAD = TaskKind("train", reads="texts", gives="labels")

TASK_KINDS = {
    kind.name: kind
    for kind in (
        WORD_VECTORS,
        TEXT_VECTORS,
        WORD_LABELS,
        TEXT_LABELS,
        ZERO_SHOT,
        QUESTION_ANSWERING,
        TRANSLATION,
        TRAINED_HEAD,
    )
}
