"""``Flow``: the way of the data from documents to rows, room by room."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from nlu_lite import frame
from nlu_lite.common import Floats, progress_bar
from nlu_lite.errors import OptionError, brief
from nlu_lite.flow.frame_options import FrameArguments, FrameOptions, PredictArguments
from nlu_lite.flow.naming import column_names, lineage
from nlu_lite.flow.probabilities import check_probabilities
from nlu_lite.frame import (
    DOCUMENT,
    SENTENCE,
    TOKEN,
    ColumnType,
    Level,
    UnitResults,
    Units,
    UnitVectors,
    confidence_column,
    level_named,
)
from nlu_lite.inputs import Inputs, read
from nlu_lite.options import Options, Splitter
from nlu_lite.registry import common_language
from nlu_lite.tasks import Component, UnitRequest
from nlu_lite.tasks.head import Head, TrainedComponent
from nlu_lite.text import Segmentation, Segmenter, build_segmenter

if TYPE_CHECKING:
    import pandas as pd

NO_RESULTS: Mapping[int, UnitResults] = MappingProxyType({})


class Flow:
    """What a ``Pipeline`` does with texts once their options are known.

    Args:
        components: The models, in the order asked for.
        options: Common to all of them.
    """

    def __init__(self, components: list[Component], options: Options) -> None:
        self.components = [item.among(components) for item in components]
        self.options = options

    @property
    def columns(self) -> list[str]:
        """The columns of vectors and labels, one a component; ``confidences`` has those beside."""
        return column_names(self.components, self.options.column)

    @property
    def confidences(self) -> dict[str, str]:
        """The name of each column of labels, and of the column of their confidences."""
        pairs = zip(self.columns, self.components, strict=True)
        return {name: confidence_column(name) for name, item in pairs if item.gives_labels}

    @property
    def vector_columns(self) -> list[str]:
        """Of ``columns`` those of vectors."""
        pairs = zip(self.columns, self.components, strict=True)
        return [name for name, item in pairs if item.gives_vectors]

    def column_types(self, options: FrameOptions) -> dict[str, ColumnType]:
        """Our columns of a frame in their order, and what their cells are.

        Args:
            options: What the frame holds; not the caller's columns.
        """
        types: dict[str, ColumnType] = {}
        for name, item in zip(self.columns, self.components, strict=True):
            types |= item.task.column_types(
                item.plan,
                name,
                level=options.level,
                aggregate=options.aggregate,
                has_own_units=options.has_own_units,
            )
        no_chunks: list[str] | None = None if options.chunks is None else []
        bare = replace(options, keep=False, chunks=no_chunks)
        empty, _ = self.frame_of(self.read([], None), bare, progress=False)
        return {
            name: types.get(name) or frame.plain_type(empty[name].dtype) for name in empty.columns
        }

    def read(self, data: Any, text: Hashable | None) -> Inputs:  # noqa: ANN401 - many kinds
        """The documents of what a caller hands in, as the components want them.

        Args:
            data: Of any accepted kind.
            text: The column of texts.
        """
        return self.components[0].task.read(data, text) if self.components else read(data, text)

    def frame_options(self, arguments: FrameArguments) -> FrameOptions:
        """What a frame of this pipeline is asked to hold, checked.

        Args:
            arguments: As the caller gave them.

        Raises:
            OptionError: A value outside what is valid.
        """
        name = arguments.output_level
        level = self.default_level if name is None else level_named(name)
        for item in self.components:
            level = item.task.frame_level(level, arguments.aggregate, arguments.chunks)
        probabilities = isinstance(arguments, PredictArguments) and arguments.probabilities
        if probabilities:
            check_probabilities(self.components, level)
        finders = [item for item in self.components if item.task.finds_units(level)]
        return FrameOptions(
            level=level,
            keep=arguments.keep,
            positions=arguments.positions,
            metadata=arguments.metadata,
            aggregate=arguments.aggregate,
            chunks=arguments.chunks,
            has_own_units=bool(finders) and arguments.chunks is None,
            probabilities=probabilities,
        )

    @property
    def fitted_level(self) -> Level | None:
        """The level of the examples that were learnt from; None where nothing was learnt."""
        fitted = [item.fitted_level for item in self.components if item.fitted_level is not None]
        return fitted[0] if fitted else None

    @property
    def default_level(self) -> Level:
        """The level of a frame, where ``output_level`` names none."""
        if self.fitted_level is not None:
            return self.fitted_level
        if any(item.reads_words for item in self.components):
            return TOKEN
        return self.components[0].task.default_level if self.components else SENTENCE

    def frame_of(
        self, inputs: Inputs, options: FrameOptions, progress: bool | None, *, warn: bool = False
    ) -> tuple[pd.DataFrame, int]:
        """The frame of documents that were read already, and how many pieces its units have.

        Args:
            inputs: The documents.
            options: What the frame holds.
            progress: Show a bar.
            warn: Warn if it takes much of the memory.
        """
        segmentation = self.segment(inputs.documents)
        units, own_results = self.units_of(inputs, segmentation, options, progress)
        if warn:
            self._warn_if_large(units, options.aggregate)
        results = self.results(inputs, segmentation, units, options, progress, own_results)
        rows = options.level.rows(segmentation, units)
        columns = frame.columns_of(
            options.level,
            inputs,
            segmentation,
            units,
            rows,
            dict(zip(self.columns, results, strict=True)),
            positions=options.positions,
            metadata=options.metadata,
        )
        table = frame.assemble(
            inputs, rows, columns, keep=options.keep, repeats_text=options.level.repeats_text
        )
        table.attrs.update(
            lineage(
                self.components,
                self.options,
                columns=self.columns,
                level=options.level.name,
                aggregate=options.aggregate,
            )
        )
        pairs = zip(self.columns, results, strict=True)
        frame.note_widths(table, {name: width for name, of in pairs if (width := of.width)})
        readings = [result.reading for result in results if result.reading is not None]
        return table, sum(int(reading.piece_count.sum()) for reading in readings)

    def _warn_if_large(self, units: Units, aggregate: str | None) -> None:
        vectors = len(units.words) if aggregate is None else len(units)
        characters = int((units.end - units.begin).sum())
        size = frame.frame_bytes(len(units), vectors, self.widths, characters)
        frame.warn_if_large(size, len(units))

    @property
    def widths(self) -> list[int]:
        """Numbers of a vector of each component; 0 where it gives labels."""
        return [item.task.width(item.plan) for item in self.components]

    def units_of(
        self,
        inputs: Inputs,
        segmentation: Segmentation,
        options: FrameOptions,
        progress: bool | None,
    ) -> tuple[Units, Mapping[int, UnitResults]]:
        """The units of a frame, and where components find them what those say about them.

        Args:
            inputs: The documents.
            segmentation: In sentences and words.
            options: What the frame holds.
            progress: Show a bar.

        Returns:
            The units, and results by the numbers of components.
        """
        if options.has_own_units:
            return self._find_units(inputs, segmentation, options, progress)
        spans = None
        if options.chunks is not None:
            column = options.chunk_column(inputs)
            spans = frame.chunk_spans(options.chunks, segmentation, column)
        return options.level.units(segmentation, spans), NO_RESULTS

    def _find_units(
        self,
        inputs: Inputs,
        segmentation: Segmentation,
        options: FrameOptions,
        progress: bool | None,
    ) -> tuple[Units, Mapping[int, UnitResults]]:
        numbers = [
            number
            for number, item in enumerate(self.components)
            if item.task.finds_units(options.level)
        ]
        task = self.components[numbers[0]].task
        label, unit = task.finds
        units = options.level.units(segmentation)
        total = len(segmentation.word_begin) if task.kind.reads_words else len(units)
        with progress_bar(total * len(numbers), unit=unit, show=progress, label=label) as advance:
            request = UnitRequest(
                inputs, segmentation, units, options.level, options.aggregate, advance
            )
            plans = {number: self.components[number].plan for number in numbers}
            return task.find_units(plans, request)

    def results(
        self,
        inputs: Inputs,
        segmentation: Segmentation,
        units: Units,
        options: FrameOptions,
        progress: bool | None,
        own_results: Mapping[int, UnitResults] = NO_RESULTS,
    ) -> list[UnitResults]:
        """What each component says about the units.

        Args:
            inputs: The documents.
            segmentation: In sentences and words.
            units: Of the frame.
            options: What it holds.
            progress: Show a bar.
            own_results: What components said when they found the units, by their numbers.
        """
        from nlu_lite.encoder import run_together

        askable = {
            number: item for number, item in enumerate(self.components) if number not in own_results
        }
        _, texts, _ = options.level.whole_texts(units, segmentation)
        words = len(segmentation.word_begin)
        total = sum(words if item.reads_words else len(texts) for item in askable.values())
        unit = "words" if any(item.reads_words for item in self.components) else "texts"
        aggregate = options.aggregate if options.level.joins_words else "mean"
        with progress_bar(total, unit=unit, show=progress, label="encoding") as advance:
            request = UnitRequest(
                inputs,
                segmentation,
                units,
                options.level,
                aggregate,
                advance,
                probabilities=options.probabilities,
            )
            works = [item.task.results(item.plan, request) for item in askable.values()]
            by_number = {**own_results, **dict(zip(askable, run_together(works), strict=True))}
        return [by_number[number] for number in range(len(self.components))]

    def encode(self, data: Any, text: Hashable | None, progress: bool | None) -> Floats:  # noqa: ANN401
        """The matrices of all components side by side, shape (documents, sum of widths)."""
        self.refuse_labels("encode")
        inputs = read(data, text)
        segmentation = self.segment(inputs.documents)
        units = DOCUMENT.units(segmentation)
        options = self.frame_options(FrameArguments(DOCUMENT.name))
        parts = []
        for result in self.results(inputs, segmentation, units, options, progress):
            assert isinstance(result, UnitVectors), "labels were refused"
            shape = (len(segmentation.texts), result.joined.shape[1])
            part = np.full(shape, np.nan, dtype=np.float32)
            part[units.document] = result.joined
            parts.append(part)
        return np.hstack(parts)

    def component_of(self, column: Hashable | None) -> Self:
        """A flow of the one component that makes a column of vectors.

        Args:
            column: One of ``columns``. Of a pipeline with one component it may have any name, or
                none; none as well where one component gives vectors and the others give none.

        Raises:
            OptionError: There are several components, and none makes the column, or it gives no
                vectors.
        """
        if len(self.components) == 1:
            return self
        vectors = self.vector_columns
        if column is None and len(vectors) == 1:
            column = vectors[0]
        if column not in vectors:
            raise OptionError(
                f"column is {brief(column)}; the pipeline makes several, of which one is needed: "
                f"{vectors}."
            )
        component = self.components[self.columns.index(str(column))]
        return self.with_components([component], str(column))

    def with_components(self, components: Sequence[Component], column: str | None = None) -> Self:
        """A flow of some of the components, which cuts texts as this one does.

        Args:
            components: Some of this flow's; a trained one only with all of them.
            column: The name of the column, where one component has a name of its own.

        Raises:
            OptionError: A component is none of this flow, or is trained and alone.
        """
        chosen = list(components)
        if any(component not in self.components for component in chosen):
            requests = [component.entry.request for component in self.components]
            raise OptionError(f"with_components takes components of the pipeline: {requests}.")
        if chosen != self.components and self.trained in chosen:
            raise OptionError(
                "with_components: what is to be trained, or was, reads the vectors of another "
                "component; leave it out, or keep all components."
            )
        flow = type(self)(chosen, replace(self.options, column=column))
        flow.segment = self.segment
        return flow

    def refuse_labels(self, call: str) -> None:
        """Raise where vectors are needed and a component gives labels or texts.

        Args:
            call: What needs them.

        Raises:
            OptionError: Names the columns of vectors, and what to do.
        """
        vectors = self.vector_columns
        others = [name for name in self.columns if name not in vectors]
        if not others:
            return
        kinds = "labels" if self.confidences else "texts"
        cure = "references of task embed or embed_sentence"
        if vectors:
            cure = f"column= one of {vectors}, or load them alone"
        raise OptionError(
            f"{call} works with vectors, and {others} are {kinds}, which predict gives; valid: "
            f"{cure}."
        )

    def refuse_pairs(self, call: str) -> None:
        """Raise where texts are needed and a component works on pairs of them.

        Args:
            call: What needs them.

        Raises:
            OptionError: Says what to do.
        """
        if self.takes_texts:
            return
        raise OptionError(
            f"{call} reads texts, and {self.components[0].entry.request!r} answers questions about "
            f"contexts; predict does, "
            "a list of pairs or a frame at a time."
        )

    @property
    def takes_texts(self) -> bool:
        """Whether it works on texts; otherwise on pairs of a question and a context."""
        return all(item.task.takes_texts for item in self.components)

    @property
    def trained(self) -> TrainedComponent | None:
        """What of the request is to be trained, or was."""
        trained = [item for item in self.components if isinstance(item, TrainedComponent)]
        return trained[0] if trained else None

    def learn(self, trained: TrainedComponent, head: Head) -> None:
        """Put what was learnt where something was to be trained."""
        fitted = TrainedComponent.on(trained.entry, self.components, head)
        self.components = [fitted if item is trained else item for item in self.components]

    @cached_property
    def segment(self) -> Segmenter:
        """Cuts documents into sentences and words; shared with what is derived from this flow."""
        entries = [item.entry for item in self.components]
        language = common_language(entries, self.options.language)
        return build_segmenter(self.options, language, self._model_words())

    def _model_words(self) -> Splitter | None:
        if self.options.words != "model":
            return None
        from nlu_lite.encoder import find_common_tokenizer

        return find_common_tokenizer([component.plan for component in self.components]).split_words
