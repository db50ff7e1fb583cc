"""Which references of NLU are not served, and why: what ``load`` raises and ``migrate`` reports."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nlu_lite import registry
from nlu_lite.compat.names import component_names, name_of_2020, other_task
from nlu_lite.errors import UnknownReferenceError, UnservedReferenceError
from nlu_lite.registry import is_trainable, split_trainable


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A reference of NLU that is not served.

    Attributes:
        reference: As typed.
        reason: Why, and what to load instead.
        task: ``embed``, ``embed_sentence`` or ``embed_chunk``; None for other tasks.
        columns: What NLU gives for it.
        older_columns: What those were called in earlier releases.
        is_needless: Nothing is missed without it.
    """

    reference: str
    reason: str
    task: str | None = None
    columns: tuple[str, ...] = ()
    older_columns: tuple[str, ...] = ()
    is_needless: bool = False

    def __str__(self) -> str:
        """The reason, and the columns that NLU would give."""
        if not self.columns:
            return self.reason
        return f"{self.reason} Its columns in NLU: {', '.join(self.columns)}."


def refusal_of(reference: str, language: str | None = None) -> Refusal | None:
    """Why a reference is not served; None if it is.

    Args:
        reference: As typed.
        language: Of a Spark NLP name that several languages share.

    Raises:
        UnknownReferenceError: Neither NLU nor this package knows it.
    """
    if is_trainable(reference):
        return _training_refusal(reference)
    try:
        registry.current().find(reference, language=language)
    except UnservedReferenceError as error:
        return _unserved_refusal(reference, str(error), language)
    except UnknownReferenceError:
        refusal = _task_refusal(reference, reference)
        if refusal is None:
            raise
        return refusal
    return None


def _unserved_refusal(reference: str, reason: str, language: str | None) -> Refusal:
    record = registry.current().unserved(reference, language)
    if record is None or record.is_embedding:
        task = record.action if record else "embed"
        return Refusal(
            reference=reference,
            reason=reason,
            task=task,
            columns=tuple(component_names([(task, reference)])),
            older_columns=(name_of_2020(reference),),
        )
    refusal = _task_refusal(record.reference, reference, reason)
    refusal = refusal or Refusal(reference=reference, reason=reason)
    return replace(refusal, is_needless=record.is_needless)


def _task_refusal(nlu_reference: str, reference: str, reason: str = "") -> Refusal | None:
    """The refusal of another task than vectors; ``nlu_reference`` is what tells the task."""
    task = other_task(nlu_reference)
    if task is None:
        return None
    return Refusal(
        reference=reference,
        reason=reason or f"{task.explain(reference)}.",
        columns=task.columns,
        older_columns=task.older_columns,
        is_needless=task.is_needless,
    )


def _training_refusal(reference: str) -> Refusal | None:
    try:
        split_trainable([reference], has_path=True)
    except UnservedReferenceError as error:
        return Refusal(reference=reference, reason=str(error))
    return None


def names_rows_alone(request: str) -> bool:
    """Whether all names of a request stand for words or sentences, which need no model.

    Args:
        request: References of NLU separated by spaces.

    Example:
        >>> names_rows_alone("tokenize"), names_rows_alone("sentence_detector bert")
        (True, False)
    """
    names = registry.current().split(request)
    return bool(names) and all(map(_is_needless, names))


def _is_needless(name: str) -> bool:
    try:
        refusal = refusal_of(name)
    except UnknownReferenceError:
        return False
    return refusal is not None and refusal.is_needless
