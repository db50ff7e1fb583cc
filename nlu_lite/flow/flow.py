"""``Flow``: the way of the data from documents to rows, room by room; it conducts and does none of their work."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from nlu_lite import frame
from nlu_lite.common import progress_bar
from nlu_lite.errors import OptionError, brief
from nlu_lite.flow.frame_options import FrameOptions
from nlu_lite.frame import UnitVectors
from nlu_lite.inputs import Inputs, read
from nlu_lite.options import Options, Splitter
from nlu_lite.registry import TRAIN, common_language
from nlu_lite.tasks import Component, labelling
from nlu_lite.tasks.encoding import of_texts, of_words
from nlu_lite.text import Segmentation, Segmenter, build_segmenter

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.encoder import Work
    from nlu_lite.tasks.head import Head, Trained
    from nlu_lite.tasks.labelling import UnitLabels

    Said = UnitVectors | UnitLabels


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
        """The names of the columns of vectors and of labels, one a component; ``confidences`` has those beside labels."""
        given = self.options.column
        if given is not None:
            return [given] if isinstance(given, str) else list(given)
        names: list[str] = []
        for item in self.components:
            others = {name for done in names for name in (done, frame.confidence_column(done))}
            free, number = item.column, 1
            while free in others or (item.gives_labels and frame.confidence_column(free) in names):
                number += 1
                free = f"{item.column}_{number}"
            names.append(free)
        return names

    @property
    def confidences(self) -> dict[str, str]:
        """The name of each column of labels, and of the column of their confidences."""
        named = zip(self.columns, self.components, strict=True)
        return {name: frame.confidence_column(name) for name, item in named if item.gives_labels}

    def frame_of(
        self, inputs: Inputs, ask: FrameOptions, progress: bool | None, *, warn: bool = False
    ) -> tuple[pd.DataFrame, int]:
        """The frame of documents that were read already, and how many pieces its units have; ``warn``: of its size."""
        cut = self.segment(inputs.documents)
        units, known = self.units_of(cut, ask, inputs, progress)
        if warn:
            vectors = len(units.words) if ask.aggregate is None else len(units)
            widths = [0 if item.gives_labels else item.plan.final_width for item in self.components]
            frame.warn_if_large(
                frame.frame_bytes(
                    len(units), vectors, widths, int((units.end - units.begin).sum())
                ),
                len(units),
            )
        found = self.found(cut, units, ask.level, ask.aggregate, progress, known)
        rows = frame.rows_of(ask.level, cut, units)
        named = list(zip(self.columns, found, strict=True))
        columns = frame.columns_of(
            ask.level, cut, units, rows, named, positions=ask.positions, metadata=ask.metadata
        )
        result = frame.assemble(
            inputs, rows, columns, keep=ask.keep, repeats_text=ask.level != "document"
        )
        result.attrs.update(lineage(self, ask.level, ask.aggregate))
        read_by = zip(self.components, found, strict=True)
        return result, sum(
            int(said.piece_count.sum()) for item, said in read_by if item is not self.trained
        )

    def units_of(
        self, cut: Segmentation, ask: FrameOptions, inputs: Inputs, progress: bool | None
    ) -> tuple[frame.Units, dict[int, UnitLabels]]:
        """The units of what is asked for; where they are entities, also what components say about them, by their number."""
        if not ask.of_entities:
            spans = (
                None
                if ask.chunks is None
                else frame.chunk_spans(ask.chunks, cut, ask.chunk_column(inputs))
            )
            return frame.units_of(ask.level, cut, spans), {}
        from nlu_lite.encoder import run_together
        from nlu_lite.tasks import entities

        some = [
            place
            for place, item in enumerate(self.components)
            if item.entry.task == "token_classification"
        ]
        with progress_bar(
            len(cut.word_begin) * len(some), unit="words", show=progress, label="labelling"
        ) as done:
            found = run_together(
                [
                    labelling.labels_of_words(self.components[place].plan, cut, done)
                    for place in some
                ]
            )
        return entities.units_of(cut, dict(zip(some, found, strict=True)))

    def encode(
        self, data: Any, text: Hashable | None, progress: bool | None
    ) -> NDArray[np.float32]:
        """The matrices of all components side by side, a row a document; as ``Pipeline.encode``."""
        self.refuse_labels("encode")
        cut = self.segment(read(data, text).documents)
        units = frame.units_of("document", cut)
        parts = []
        for vectors in self.found(cut, units, "document", "mean", progress):
            assert isinstance(vectors, UnitVectors), "labels were refused"
            assert isinstance(vectors.matrix, np.ndarray), "matrices come only with aggregate=None"
            part = np.full((len(cut.texts), vectors.matrix.shape[1]), np.nan, dtype=np.float32)
            part[units.document] = vectors.matrix
            parts.append(part)
        return np.hstack(parts)

    def component_of(self, column: Hashable | None) -> Self:
        """A flow of the one component that makes a column of vectors.

        Args:
            column: One of ``columns``. Of a pipeline with one component it may have any name, or
                none; none as well where one component gives vectors and the others give labels.

        Raises:
            OptionError: There are several components, and none makes the column, or it gives
                labels.
        """
        if len(self.components) == 1:
            return self
        vectors = [name for name in self.columns if name not in self.confidences]
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
        if chosen != self.components and any(item.entry.task == TRAIN for item in chosen):
            raise OptionError(
                "with_components: what is to be trained, or was, reads the vectors of another "
                "component; leave it out, or keep all components."
            )
        flow = type(self)(chosen, replace(self.options, column=column))
        flow.segment = self.segment
        return flow

    def refuse_labels(self, what: str) -> None:
        """Raise where vectors are needed and a component gives labels.

        Args:
            what: The call that needs them.

        Raises:
            OptionError: Names the columns of vectors, and what to do.
        """
        if not (labels := list(self.confidences)):
            return
        vectors = [name for name in self.columns if name not in labels]
        cure = (
            f"column= one of {vectors}, or load them alone"
            if vectors
            else "references of task embed or embed_sentence"
        )
        raise OptionError(
            f"{what} works with vectors, and {labels} are labels, which predict gives; valid: "
            f"{cure}."
        )

    @property
    def trained(self) -> Trained | None:
        """What of the request is to be trained, or was."""
        return next((item for item in self.components if item.entry.task == TRAIN), None)  # type: ignore[return-value]

    def learn(self, trained: Trained, head: Head) -> None:
        """Put what was learnt in the place of what was to be trained."""
        self.components = [
            trained.with_head(head, self.components) if item is trained else item
            for item in self.components
        ]

    @property
    def answers(self) -> bool:
        """Whether it answers questions, and so reads pairs of texts."""
        return any(item.entry.task == "question_answering" for item in self.components)

    def refuse_answers(self, what: str) -> None:
        """Raise where texts are needed and questions are answered; ``what``: the call that needs them."""
        if self.answers:
            raise OptionError(
                f"{what} reads texts, and {self.components[0].entry.request!r} answers questions "
                f"about contexts; predict does, "
                "a list of pairs or a frame at a time."
            )

    def ask(
        self,
        output_level: str | None,
        keep: frame.Keep = True,
        positions: bool = False,
        metadata: bool = False,
        aggregate: str | None = "mean",
        chunks: frame.Chunks | None = None,
    ) -> FrameOptions:
        """What a frame of this pipeline is asked to hold; as for ``predict``."""
        entities = any(item.entry.task == "token_classification" for item in self.components)
        return FrameOptions(
            self._level(output_level), keep, positions, metadata, aggregate, chunks, entities
        )

    def _level(self, asked: str | None) -> str:
        taught = [item.default_level for item in self.components if item.default_level is not None]
        words = any(component.reads_words for component in self.components)
        return (
            asked
            if asked is not None
            else taught[0]
            if taught
            else "token"
            if words
            else "sentence"
        )

    @cached_property
    def segment(self) -> Segmenter:
        """Cuts documents into sentences and words; made once, and shared with what is derived from this flow."""
        language = common_language([item.entry for item in self.components], self.options.language)
        return build_segmenter(self.options, language, self._model_words())

    def _model_words(self) -> Splitter | None:
        if self.options.words != "model":
            return None
        from nlu_lite.encoder import find_common_tokenizer

        return find_common_tokenizer([component.plan for component in self.components]).split_words

    def found(
        self,
        cut: Segmentation,
        units: frame.Units,
        level: str,
        aggregate: str | None,
        progress: bool | None,
        known: Mapping[int, UnitLabels] = MappingProxyType({}),
    ) -> list[Said]:
        """What each component says about the units; ``known``: what some have said already, by their number."""
        from nlu_lite.encoder import run_together

        texts = len(cut.sentence_begin) if level == "token" else len(units)
        others = [item for place, item in enumerate(self.components) if place not in known]
        amounts = [len(cut.word_begin) if item.reads_words else texts for item in others]
        unit = "words" if any(item.reads_words for item in self.components) else "texts"
        how = "mean" if level == "token" else aggregate  # one word: nothing to join
        with progress_bar(sum(amounts), unit=unit, show=progress, label="encoding") as done:
            return run_together(
                [
                    labelling.known(known[place])
                    if place in known
                    else self._work(item, cut, units, level, how, done)
                    for place, item in enumerate(self.components)
                ]
            )

    def _work(
        self,
        item: Component,
        cut: Segmentation,
        units: frame.Units,
        level: str,
        how: str | None,
        done: Callable[[int], object],
    ) -> Work[Said]:
        task = item.entry.task
        if task == "embed":
            return of_words(item.plan, cut, units, level, how, done)
        if task == "embed_sentence":
            return of_texts(item.plan, cut, units, level, done)
        if task == TRAIN:
            from nlu_lite.tasks.head import of_trained

            return of_trained(item, cut, units, level, done)  # type: ignore[arg-type]
        if task == "token_classification":
            return labelling.of_words(item.plan, cut, units, level, done)
        return labelling.of_texts(item.plan, cut, units, level, done)


def lineage(flow: Flow, level: str, aggregate: str | None) -> dict[str, str]:
    """Where the vectors of a frame come from, as plain texts: ``df.attrs`` of a result.

    Args:
        flow: That made it.
        level: Of its rows.
        aggregate: How words were joined.
    """
    options = {name: str(value) for name, value in flow.options.changed().items()}
    return {
        "nlu_lite": version("nlu-lite"),
        "references": " ".join(component.entry.request for component in flow.components),
        "models": " ".join(component.entry.model_name for component in flow.components),
        "columns": " ".join(flow.columns),
        "level": level,
        "aggregate": str(aggregate),
        **{f"option_{name}": value for name, value in options.items()},
    }
