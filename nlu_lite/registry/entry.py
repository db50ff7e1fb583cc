"""What the registry says about one component of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlu_lite.registry.task_kinds import TASK_KINDS, WORD_VECTORS, TaskKind

if TYPE_CHECKING:
    from nlu_lite.registry.schema import Source


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Everything the registry knows about one requested component.

    ``request`` is what the user typed, ``reference`` the registry's name for it (None for a hub id
    or a path), ``origin`` where that was read. Lengths are in pieces with the special ones,
    ``size_mb`` in units of 10**6 bytes; None means unknown.
    """

    request: str
    reference: str | None
    task: str | None
    language: str | None
    model_name: str
    sources: tuple[Source, ...]
    architecture: str | None = None
    tokenizer: str | None = None
    dimension: int | None = None
    layers: int | None = None
    max_length: int | None = None
    lowercase: bool | None = None
    license: str | None = None
    size_mb: float | None = None
    spark_name: str | None = None
    verified: str = "unverified"
    pooling: str | None = None
    normalize: bool | None = None
    prompts: Mapping[str, str] | None = None
    origin: str = "built in"

    @property
    def kind(self) -> TaskKind:
        """What its task is; a folder of which nobody said it gives vectors of words."""
        return TASK_KINDS[self.task] if self.task else WORD_VECTORS
