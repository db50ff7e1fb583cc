"""Names that NLU knows and this package does not serve: the reason, and the nearest served one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nlu_lite.registry.schema import DEFAULT_LANGUAGE, TASK_NAMES
from nlu_lite.registry.task_kinds import TEXT_VECTORS, WORD_VECTORS

# NLU's action for vectors of chunks, which are made of word vectors here.
CHUNK_ACTION = "embed_chunk"
REASONS = {
    "static": "it is a table of static vectors (GloVe, word2vec, fastText), one a word whatever "
    "the sentence, no transformer",
    "elmo": "ELMo is a recurrent network that transformers does not have",
    "use": "the Universal Sentence Encoder is published for TensorFlow only and transformers does "
    "not have it",
    "doc2vec": "it is Doc2Vec, made of static vectors, not a transformer",
    "chunk": "it has no model of its own: NLU averages the vectors of the words inside a chunk",
    "tfhub": "it is published for TensorFlow Hub only, and no copy for transformers is known",
    "copy": "it is published for TensorFlow 1 only (BioBERT trained on PMC alone), and no copy for "
    "transformers is known",
    "owner": "it is somebody's own model, and its name does not say whose: its place on the hub is "
    "not known",
    "jsl": "it was trained by John Snow Labs, and no copy for transformers is known",
    "makes_text": "it makes text, of which only the translations of Marian models are served",
    "guess": "its place on the hub is only guessed, {guess!r}, and another model under its name "
    "would be worse than none",
}
# Where somebody may have the files of the model, ``path=`` helps.
_REASONS_WITH_FILES = frozenset({"owner", "guess", "tfhub", "copy"})


@dataclass(frozen=True, kw_only=True, slots=True)
class UnservedName:
    """One reference of NLU that is not served.

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
        """The task of a model given for it by ``path=``; None for what no model does here."""
        if self.action == CHUNK_ACTION:
            return WORD_VECTORS.name
        return self.action if self.action in TASK_NAMES else None

    @property
    def is_embedding(self) -> bool:
        """Whether it stands for vectors."""
        return self.action in (WORD_VECTORS.name, TEXT_VECTORS.name, CHUNK_ACTION)

    def explain(self, name: str) -> str:
        """Why it is not served, and what to load instead.

        Args:
            name: What the user typed.
        """
        full_name = "" if name == self.reference else f" ({self.reference!r})"
        reason = REASONS[self.reason].format(guess=self.guess)
        message = f"{name!r}{full_name} is a name of NLU that is not served: {reason}. "
        if self.action == CHUNK_ACTION:
            return (
                f"{message}Load a reference for words, such as {self.nearest!r}, "
                f'and ask it for output_level="chunk".'
            )
        if not self.nearest:
            return f"{message}transformers itself runs {self.guess!r} of the hub ({self.action})."
        message += f"Nearest that is served: {self.nearest!r}."
        if self.reason in _REASONS_WITH_FILES:
            message += f" With its files in a folder, nlu.load({name!r}, path=FOLDER) loads it."
        return message


@cache
def unserved_names() -> Mapping[str, UnservedName]:
    """All references that are not served, with what is known of each; read at the first call."""
    text = resources.files(__package__).joinpath("unserved.csv").read_text(encoding="utf-8")
    return {row["reference"]: UnservedName(**row) for row in csv.DictReader(text.splitlines())}


@cache
def _by_spark_name() -> dict[str, dict[str, UnservedName]]:
    """Spark NLP name -> language -> the first record of the file."""
    names: dict[str, dict[str, UnservedName]] = {}
    for record in unserved_names().values():
        names.setdefault(record.spark_name, {}).setdefault(record.language, record)
    return names


def unserved_name(name: str, language: str | None = None) -> UnservedName | None:
    """What is known about a name of NLU that the built-in registry does not serve; None for others.

    A name is a reference, one without its ``en.``, or the name of a model of Spark NLP.

    Args:
        name: As typed.
        language: Of a model whose name several languages share; English if not given.

    Example:
        >>> unserved_name("elmo").reason, unserved_name("bert")
        ('elmo', None)
    """
    references = unserved_names()
    for reference in (name, f"{DEFAULT_LANGUAGE}.{name}"):
        if reference in references:
            return references[reference]
    by_language = _by_spark_name().get(name, {})
    for code in (language, DEFAULT_LANGUAGE, *by_language):
        if code in by_language:
            return by_language[code]
    return None
