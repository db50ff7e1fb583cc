"""What is to be trained, as a component of a pipeline: once fitted, it gives labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nlu_lite.errors import OptionError, brief
from nlu_lite.frame import CHUNK, LEVELS, SENTENCE, TOKEN, Level
from nlu_lite.registry import TRAINABLE_SEVERAL, TRAINABLE_TAGGERS, Entry
from nlu_lite.tasks.component import Component
from nlu_lite.tasks.head.head import Head
from nlu_lite.tasks.head.task import HeadTask

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan


@dataclass(frozen=True)
class TrainedComponent(Component):
    """Something to be trained, or what was learnt; files and options are those of its source.

    Attributes:
        source: The component whose vectors it reads.
        number: Its number in the pipeline.
        head: What was learnt; None before ``fit``.
    """

    source: Component
    number: int
    head: Head | None = None

    @classmethod
    def on(
        cls, entry: Entry, components: Sequence[Component], head: Head | None = None
    ) -> TrainedComponent:
        """What a name of a request stands for.

        Args:
            entry: Of something to be trained.
            components: The pipeline's others.
            head: What was learnt.

        Raises:
            OptionError: None of the components has vectors that it could read.
        """
        number = head.component if head else source_of(entry.request, None, components)[0]
        source = components[number]
        return cls(
            entry=replace(entry, language=source.entry.language),
            folder=source.folder,
            options=source.options,
            source=source,
            number=number,
            head=head,
        )

    @property
    def task(self) -> HeadTask:
        """Labels by the head, on the vectors of the source."""
        return HeadTask(self.entry.request, self.source.task, self.head)

    def fitted(self) -> Head:
        """What was learnt.

        Raises:
            NotFittedError: Nothing yet.
        """
        return self.task.fitted()

    @property
    def plan(self) -> Plan:
        """That of the component it reads."""
        return self.source.plan

    @property
    def is_read(self) -> bool:
        """Whether that component's model is in memory."""
        return self.source.is_read

    @property
    def summary(self) -> str:
        """How many classes it tells apart."""
        if self.head is None:
            return "not fitted"
        return f"{len(self.head.classes.values)} classes of level {self.head.level}"

    @property
    def fitted_level(self) -> Level | None:
        """The level that was fitted."""
        return self.task.level if self.head else None

    @property
    def reads_words(self) -> bool:
        """Whether its labels are of words."""
        return self.task.labels_words() if self.head else self.source.reads_words

    @property
    def fitted_digest(self) -> str | None:
        """The sha256 of what was learnt."""
        return self.fitted().digest()

    def among(self, components: Sequence[Component]) -> TrainedComponent:
        """The same on the component that has its source's number."""
        source = components[self.number]
        return replace(self, source=source, folder=source.folder, options=source.options)


def source_of(
    name: str, level_name: str | None, components: Sequence[Component]
) -> tuple[int, Level]:
    """Which component is learnt from, and at which level.

    Args:
        name: What is trained.
        level_name: ``token``, ``sentence``, ``document``; None: of words for taggers, else the
            embedding's default level.
        components: Of the pipeline.

    Returns:
        The number of the last one that fits: for words one of words, for texts rather one of texts.

    Raises:
        OptionError: There is none, or no such level.
    """
    words: list[int] = []
    texts: list[int] = []
    for number, item in enumerate(components):
        if item.task.kind.gives_vectors:
            (words if item.reads_words else texts).append(number)
    level = _example_level(name, level_name, has_texts=bool(texts))
    fitting = words if level is TOKEN else texts or words
    if fitting:
        return fitting[-1], level
    of_words = "of words, such as en.embed.minilm_l6"
    needed = of_words if level is TOKEN else "such as en.embed_sentence.minilm_l6"
    raise OptionError(
        f"{name} needs an embedding {needed}, in the same request; output_level={level.name!r} was "
        f"asked for."
    )


def _example_level(name: str, level_name: str | None, *, has_texts: bool) -> Level:
    if level_name is None and name in TRAINABLE_SEVERAL:
        return SENTENCE
    if level_name is None:
        return SENTENCE if has_texts and name not in TRAINABLE_TAGGERS else TOKEN
    level = LEVELS.get(level_name) if isinstance(level_name, str) else None
    if level is None or level is CHUNK:
        raise OptionError(
            f"output_level is {brief(level_name)}; a classifier learns at one of token, sentence, "
            f"document."
        )
    if name in TRAINABLE_TAGGERS and level is not TOKEN:
        raise OptionError(
            f"{name} learns labels of words, output_level='token'; for texts use train.classifier."
        )
    if name in TRAINABLE_SEVERAL and level is TOKEN:
        raise OptionError(
            f"{name} learns labels of texts, output_level='sentence' or 'document'; for words use "
            f"train.classifier."
        )
    return level
