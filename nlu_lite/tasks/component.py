"""One model of a pipeline: its entry, its files, and the model itself when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.frame import Level, component_column, confidence_column
from nlu_lite.options import Options
from nlu_lite.registry import Entry
from nlu_lite.tasks.table import TASKS
from nlu_lite.tasks.task import Task

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan


@dataclass(frozen=True)
class Component:
    """One model of a pipeline.

    Attributes:
        entry: What the registry says about it.
        folder: Where its files lie.
        options: How it is used.
    """

    entry: Entry
    folder: Path
    options: Options

    @property
    def task(self) -> Task:
        """What it is for."""
        return TASKS[str(self.entry.task)]

    @cached_property
    def plan(self) -> Plan:
        """The model in memory and the options resolved against it."""
        from nlu_lite.encoder import Plan, get_model

        options = self.options
        loaded = get_model(self.folder, self.entry, device=options.device, dtype=options.dtype)
        return Plan.make(loaded, self.entry, options)

    @property
    def is_read(self) -> bool:
        """Whether the model is in memory; ``load`` sees to it, an unpickled pipeline waits."""
        return "plan" in self.__dict__

    @cached_property
    def model(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
        """The plain transformers model, read when first asked for; yours to change."""
        from nlu_lite.encoder import read_plain_model

        return read_plain_model(self.folder, self.entry)

    @cached_property
    def tokenizer(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedTokenizerFast
        """A plain transformers tokenizer with the component's vocabulary; yours to change."""
        from nlu_lite.encoder import (
            find_transformer_folder,
            read_plain_tokenizer,
            read_translation_tokenizer,
        )

        if self.task.kind.gives == "texts":
            return read_translation_tokenizer(self.folder).library
        return read_plain_tokenizer(find_transformer_folder(self.folder), self.entry)

    @property
    def gives_labels(self) -> bool:
        """Whether it says a label and how likely that is."""
        return self.task.kind.gives_labels

    @property
    def gives_vectors(self) -> bool:
        """Whether what it says is a vector."""
        return self.task.kind.gives_vectors

    @property
    def reads_words(self) -> bool:
        """Whether what it says is about words; otherwise it is about whole texts."""
        return self.task.kind.reads_words

    @property
    def summary(self) -> str:
        """What its reference means, for people."""
        return self.entry.model_name

    @property
    def fitted_level(self) -> Level | None:
        """The level that it was trained at in this pipeline; None where nothing was."""
        return None

    @property
    def fitted_digest(self) -> str | None:
        """What tells apart what was trained in this pipeline; None where nothing was."""
        return None

    def among(self, components: Sequence[Component]) -> Component:
        """The component as one of a pipeline's.

        Args:
            components: All of them, itself too.
        """
        return self

    @property
    def column(self) -> str:
        """The name of its column where ``column=`` gives none."""
        if self.task.column is not None:
            return self.task.column
        suffix = "_embeddings" if self.gives_vectors else ""
        is_reference = self.entry.reference is not None
        return component_column(self.entry.request, is_reference=is_reference, suffix=suffix)

    def column_names(self, column: str) -> tuple[str, ...]:
        """The columns that it makes, where the first has this name."""
        return (column, confidence_column(column)) if self.gives_labels else (column,)
