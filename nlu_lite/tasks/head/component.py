"""What is to be trained, as one more component of a pipeline: it gives labels, once it was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nlu_lite.errors import NotFittedError, OptionError
from nlu_lite.registry import TRAINABLE_TAGGERS, Entry
from nlu_lite.tasks.component import Component

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan
    from nlu_lite.tasks.head.classes import Kind
    from nlu_lite.tasks.head.classifier import Head, Level


@dataclass(frozen=True)
class Trained(Component):
    """Something to be trained, or what was learnt; its files and options are those of the component that it reads.

    Attributes:
        source: The component whose vectors it reads.
        place: Its number in the pipeline.
        head: What was learnt; None before ``fit``.
    """

    source: Component
    place: int
    head: Head | None = None

    @classmethod
    def on(cls, entry: Entry, components: Sequence[Component], head: Head | None = None) -> Trained:
        """What a name of a request stands for.

        Args:
            entry: Of ``names.entry_of``.
            components: The pipeline's others.
            head: What was learnt.

        Raises:
            OptionError: None of the components has vectors that it could read.
        """
        place = (
            head.component if head is not None else source_of(entry.request, None, components)[0]
        )
        own = components[place]
        said = replace(entry, language=own.entry.language)
        return cls(said, own.folder, own.options, source=own, place=place, head=head)

    def fitted(self) -> Head:
        """What was learnt.

        Raises:
            NotFittedError: Nothing yet.
        """
        if self.head is None:
            raise NotFittedError(
                f"{self.entry.request} was not fitted: call pipe.fit(df) first, with a DataFrame "
                f"of the columns text and y "
                "(text=, y= name others)."
            )
        return self.head

    def with_head(self, head: Head, components: Sequence[Component]) -> Trained:
        """The same with what was learnt.

        Args:
            head: What was learnt.
            components: The pipeline's.
        """
        return Trained.on(self.entry, components, head)

    @property
    def plan(self) -> Plan:
        """That of the component it reads."""
        return self.source.plan

    @property
    def is_read(self) -> bool:
        """Whether that component's model is in memory."""
        return self.source.is_read

    @property
    def what(self) -> str:
        """How many classes it tells apart."""
        return (
            "not fitted"
            if self.head is None
            else f"{len(self.head.classes.values)} classes of level {self.head.level}"
        )

    @property
    def default_level(self) -> str | None:
        """The level that was fitted."""
        return None if self.head is None else self.head.level

    @property
    def label_kind(self) -> Kind:
        """What the labels are that it learnt."""
        return self.fitted().classes.kind

    @property
    def reads_words(self) -> bool:
        """Whether its labels are of words."""
        return self.source.reads_words if self.head is None else self.head.level == "token"

    @property
    def learnt(self) -> str | None:
        """The sha256 of what was learnt."""
        return self.fitted().digest()

    def among(self, components: Sequence[Component]) -> Trained:
        """The same on the component that stands in its source's place."""
        own = components[self.place]
        return replace(self, source=own, folder=own.folder, options=own.options)


def source_of(name: str, level: str | None, components: Sequence[Component]) -> tuple[int, Level]:
    """Which component is learnt from, and at which level.

    Args:
        name: What is trained.
        level: ``token``, ``sentence``, ``document``; None: of words for taggers, else the
            embedding's default level.
        components: Of the pipeline.

    Returns:
        The number of the last one that fits: for words one of words, for texts rather one of texts.

    Raises:
        OptionError: There is none, or no such level.
    """
    words = [place for place, item in enumerate(components) if item.entry.task == "embed"]
    texts = [place for place, item in enumerate(components) if item.entry.task == "embed_sentence"]
    if level not in (None, "token", "sentence", "document"):
        raise OptionError(
            f"output_level is {level!r:.80}; a classifier learns at one of token, sentence, "
            f"document."
        )
    if level is None:
        level = "token" if name in TRAINABLE_TAGGERS or not texts else "sentence"
    if name in TRAINABLE_TAGGERS and level != "token":
        raise OptionError(
            f"{name} learns labels of words, output_level='token'; for texts use train.classifier."
        )
    fitting = words if level == "token" else texts or words
    if not fitting:
        which = (
            "of words, such as en.embed.minilm_l6"
            if level == "token"
            else "such as en.embed_sentence.minilm_l6"
        )
        raise OptionError(
            f"{name} needs an embedding {which}, in the same request; output_level={level!r:.80} "
            f"was asked for."
        )
    return fitting[-1], level  # type: ignore[return-value]
