"""Names that NLU knows and this package does not serve: the reason, and the nearest served one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from nlu_lite.registry.nlu_names import Annotator, NluName, annotators, nlu_name
from nlu_lite.registry.other_tasks import NEAREST, task_of_parts
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, TASK_NAMES
from nlu_lite.registry.substitutes import Substitute, substitute_of
from nlu_lite.registry.task_kinds import TEXT_LABELS, TEXT_VECTORS, WORD_LABELS, WORD_VECTORS

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
    "import": "it is somebody's model of the hub, and Spark NLP's name of it does not say which",
    "jvm": "it is Spark NLP's own and runs only in its Java",
    "pipeline": "it is a pipeline of several steps of Spark NLP's, which run only in its Java",
    "licensed": "it is sold by John Snow Labs, and its files are not public",
    "speech": "speech is not read here, only text",
    "picture": "pictures are not read here, only text",
    "tables": "tables are not read here, only text",
    "paid": "nothing here calls a service",
    "needless": "words and sentences are always found",
}
# Where somebody may have the files of the model, ``path=`` helps.
_REASONS_WITH_FILES = frozenset({"owner", "guess", "tfhub", "copy", "import"})
# Where the hub may have the model, a search for it helps.
_REASONS_WITH_HUB = frozenset({"owner", "guess", "import"})
# Part of a reference -> the task of a model that does the same as a pipeline of Spark NLP's.
_TASKS_OF_PARTS = {
    **dict.fromkeys(("ner", "pos"), WORD_LABELS.name),
    **dict.fromkeys(("sentiment", "emotion", "spam", "toxic"), TEXT_LABELS.name),
}
_NEEDLESS = "needless"
_NO_STEP = "Nothing takes its place here."


@dataclass(frozen=True, kw_only=True, slots=True)
class UnservedName:
    """One reference of NLU that is not served.

    Attributes:
        reference: As NLU has it.
        action: NLU's (``embed``, ``embed_sentence``, ``embed_chunk``), a task of ours, the hub's
            word for one that is not served, or empty.
        language: Of its texts.
        spark_name: The model's name in Spark NLP.
        reason: A key of ``REASONS``.
        guess: A hub id, or empty.
        nearest: A reference of the built-in registry, or empty.
        does: What NLU does for it, as a predicate; empty where the action says it.
        instead: What does it without this package, in words; empty where nothing is known.
        architecture: transformers' word for its model; empty where that is not known.
    """

    reference: str
    action: str
    language: str
    spark_name: str
    reason: str
    guess: str
    nearest: str
    does: str = ""
    instead: str = ""
    architecture: str = ""

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

    @property
    def is_needless(self) -> bool:
        """Whether every result has it without being asked."""
        return self.reason == _NEEDLESS

    @property
    def is_hub_import(self) -> bool:
        """Whether its model lies somewhere on the hub and was brought to Spark NLP from there."""
        return self.reason in _REASONS_WITH_HUB

    @property
    def substitute(self) -> Substitute | None:
        """What people use instead, if that is known."""
        return substitute_of(self.reference)

    @property
    def served_substitute(self) -> str:
        """The reference that can be loaded instead; empty where there is none."""
        substitute = self.substitute
        return (substitute.served if substitute else "") or self.nearest

    def explain(self, name: str) -> str:
        """What it is, why it is not served, and what to do instead.

        Args:
            name: What the user typed.
        """
        if self.is_needless:
            return (
                f"{name!r} is not needed: {REASONS[_NEEDLESS]}. Leave it out; alone, "
                f"nlu_lite.compat.load({name!r}).predict(texts) gives them."
            )
        full_name = "" if name == self.reference else f" ({self.reference!r})"
        does = f"it {self.does}; " if self.does else ""
        reason = REASONS[self.reason].format(guess=self.guess)
        message = f"{name!r}{full_name} is a name of NLU that is not served: {does}{reason}."
        return " ".join([message, *(self._steps(name) or [_NO_STEP])])

    def _steps(self, name: str) -> list[str]:
        """What to do instead, a sentence each."""
        steps = []
        substitute = self.substitute
        if substitute is not None and substitute.hub_id == self.guess != "":
            substitute = None  # it is the model itself
        if substitute is not None:
            steps.append(substitute.explain())
        told = (substitute.served, substitute.hub_id) if substitute else ()
        if self.action == CHUNK_ACTION:
            steps.append(
                f"Load a reference for words, such as {self.nearest!r}, "
                f'and ask it for output_level="chunk".'
            )
        elif self.nearest and self.nearest not in told:
            steps.append(f"Nearest that is served: {self.nearest!r}.")
        if self.guess and not self.nearest and self.guess not in told:
            action = f" ({self.action})" if self.action else ""
            steps.append(f"transformers itself runs {self.guess!r} of the hub{action}.")
        elif self.instead and substitute is None:
            steps.append(f"{'Or' if steps else 'Nearest'}: {self.instead}.")
        if self.is_hub_import:
            steps.append(f"`nlu-lite find {self.reference!r}` looks for it on the hub.")
        if self.reason in _REASONS_WITH_FILES:
            steps.append(f"With its files in a folder, nlu.load({name!r}, path=FOLDER) loads it.")
        return steps


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
        >>> unserved_name("elmo").reason, unserved_name("pos").does
        ('elmo', 'tags parts of speech by a perceptron')
        >>> unserved_name("psos") is None
        True
    """
    references = unserved_names()
    for reference in (name, f"{DEFAULT_LANGUAGE}.{name}"):
        if reference in references:
            return references[reference]
    by_language = _by_spark_name().get(name, {})
    for code in (language, DEFAULT_LANGUAGE, *by_language):
        if code in by_language:
            return by_language[code]
    row = nlu_name(name, language)
    return None if row is None else _record_of_row(row)


def _record_of_row(row: NluName) -> UnservedName:
    """What is known of a name by NLU's own table alone."""
    verdict = _by_spark_name().get(row.spark_name, {}).get(row.text_language)
    if verdict is not None:
        return replace(verdict, reference=row.reference)
    annotator = annotators().get(row.annotator)
    record = UnservedName(
        reference=row.reference,
        action=annotator.task if annotator else "",
        language=row.text_language,
        spark_name=row.spark_name,
        reason="licensed" if row.is_licensed else _reason(row, annotator),
        guess=row.hub_id,
        nearest="",
        does=annotator.does if annotator else "",
        instead=NEAREST.get(annotator.instead, "") if annotator else "",
        architecture=annotator.architecture if annotator else "",
    )
    task = task_of_parts(row.parts)
    if annotator is not None or task is None:
        return record
    if task.is_needless:
        return replace(record, reason=_NEEDLESS)
    instead = "" if task.nearest == NEAREST["nothing"] else task.nearest
    action = "" if row.is_licensed else _TASKS_OF_PARTS.get(task.name, "")
    does = "" if task.is_pipeline else task.does
    return replace(record, action=action, does=does, instead=instead)


def _reason(row: NluName, annotator: Annotator | None) -> str:
    if annotator is not None:
        return annotator.reason
    # Rules say where the models of translation lie.
    return "makes_text" if row.hub_id else "pipeline"
