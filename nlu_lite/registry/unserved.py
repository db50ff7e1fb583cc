"""References that NLU knows and this package does not serve: the reason, and the nearest one that is served."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nlu_lite.registry.schema import EMBED_TASKS, TASKS

REASONS = {
    "static": "it is a table of static vectors (GloVe, word2vec, fastText), one a word whatever the sentence, no transformer",
    "elmo": "ELMo is a recurrent network that transformers does not have",
    "use": "the Universal Sentence Encoder is published for TensorFlow only and transformers does not have it",
    "doc2vec": "it is Doc2Vec, made of static vectors, not a transformer",
    "chunk": "it has no model of its own: NLU averages the vectors of the words inside a chunk",
    "tfhub": "it is published for TensorFlow Hub only, and no copy for transformers is known",
    "copy": "it is published for TensorFlow 1 only (BioBERT trained on PMC alone), and no copy for transformers is known",
    "owner": "it is somebody's own model, and its name does not say whose: its place on the hub is not known",
    "jsl": "it was trained by John Snow Labs, and no copy for transformers is known",
    "makes_text": "it makes text, and only vectors and labels are served",
    "guess": "its place on the hub is only guessed, {guess!r}, and another model under its name would be worse than none",
}
_WITH_FILES = frozenset({"owner", "guess", "tfhub", "copy"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Unserved:
    """One reference that is not served.

    ``action`` is NLU's (``embed``, ``embed_sentence``, ``embed_chunk``), a task of ours, or the
    hub's word for one that is not served; ``reason`` is a key of ``REASONS``, ``guess`` a hub id or
    empty, ``nearest`` a reference of the built-in registry or empty.
    """

    reference: str
    action: str
    language: str
    spark_name: str
    reason: str
    guess: str
    nearest: str

    @property
    def task(self) -> str | None:
        """The task of a model given for it; chunks are made of word vectors. None for what no model does here."""
        return (
            "embed"
            if self.action == "embed_chunk"
            else self.action
            if self.action in TASKS
            else None
        )

    @property
    def is_embedding(self) -> bool:
        """Whether it stands for vectors."""
        return self.action in (*EMBED_TASKS, "embed_chunk")

    def explain(self, name: str) -> str:
        """Why it is not served, and what to load instead.

        Args:
            name: What the user typed.
        """
        called = "" if name == self.reference else f" ({self.reference!r})"
        message = f"{name!r}{called} is a name of NLU that is not served: {REASONS[self.reason].format(guess=self.guess)}. "
        if self.action == "embed_chunk":
            return (
                message
                + f'Load a reference for words, such as {self.nearest!r}, and ask it for output_level="chunk".'
            )
        if not self.nearest:
            return message + f"transformers itself runs {self.guess!r} of the hub ({self.action})."
        message += f"Nearest that is served: {self.nearest!r}."
        if self.reason in _WITH_FILES:
            message += f" With its files in a folder, nlu.load({name!r}, path=FOLDER) loads it."
        return message


@cache
def by_reference() -> dict[str, Unserved]:
    """Reference -> record; the file is read when first asked for."""
    text = resources.files(__package__).joinpath("unserved.csv").read_text(encoding="utf-8")
    return {row["reference"]: Unserved(**row) for row in csv.DictReader(text.splitlines())}


@cache
def by_spark_name() -> dict[str, dict[str, Unserved]]:
    """Spark NLP name -> language -> record; the first one of the file."""
    names: dict[str, dict[str, Unserved]] = {}
    for record in by_reference().values():
        names.setdefault(record.spark_name, {}).setdefault(record.language, record)
    return names


def meant(name: str, language: str | None, *, default: str) -> Unserved | None:
    """The record that a name means: a reference, the same with the default language in front, or a Spark NLP name.

    Args:
        name: As typed.
        language: Of a Spark NLP name that several languages share.
        default: The default language, for those that exist in it.
    """
    references = by_reference()
    exact = references.get(name) or references.get(f"{default}.{name}")
    of_language = by_spark_name().get(name, {})
    return (
        exact
        or of_language.get(language or "")
        or of_language.get(default)
        or next(iter(of_language.values()), None)
    )
