"""How a transformers classifier is read: whole, in which batches its scores are those of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.encoder.backends.choose import (
    choose_batching,
    make_trial_sequences,
    make_unreadable_error,
    measure,
)
from nlu_lite.encoder.backends.classifier_backend import WholeClassifier, find_pad_id
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.out_of_memory import FAULTS
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import Batching, RowRequest, Sequences
from nlu_lite.encoder.backends.trial import (
    LOOSE_TOLERANCE,
    PADDED_TOLERANCE,
    Specials,
    agree,
    describe_fault,
    encode,
    join,
    split,
)
from nlu_lite.encoder.models.heads import LabelSettings
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.pieces import PieceTokenizer
from nlu_lite.registry import TASK_KINDS, TaskKind

# Of the pairs that are tried.
_FIRST_TEXT = "a"


def choose_classifier(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    task: str,
    *,
    tokenizer: PieceTokenizer,
    device: torch.device,
    longest: int | None,
) -> Encoder:
    """An encoder whose vectors are label probabilities of each position.

    For labels of texts and pairs every position has the same.

    Args:
        model: A transformers classifier in evaluation mode, straight from its files.
        task: What it does.
        tokenizer: The classifier's.
        device: Where it lies.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.

    Raises:
        ModelError: The model has no classes, or cannot read a text.
    """
    kind = TASK_KINDS[task]
    activation = None
    if not kind.reads_pairs:
        activation = LabelSettings.of_config(model.config).choose_activation(task)
    with quiet_transformers():
        trial = _ClassifierTrial.make(model, kind, tokenizer, device, longest)
        return trial.choose_whole().activated(activation)


@dataclass(frozen=True)
class _ClassifierTrial:
    """A few sequences and the scores that the plain classifier gives for each alone.

    Attributes:
        alone: The classifier, one sequence a batch.
        kind: Its task.
        tokenizer: Its own.
        device: Where it lies.
        sequences: What is tried.
        scores: Shape (tokens, labels), or for labels of texts (sequences, labels).
    """

    alone: WholeClassifier
    kind: TaskKind
    tokenizer: PieceTokenizer
    device: torch.device
    sequences: Sequences
    scores: Floats

    @classmethod
    def make(
        cls,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        kind: TaskKind,
        tokenizer: PieceTokenizer,
        device: torch.device,
        longest: int | None,
    ) -> _ClassifierTrial:
        """Ask the plain classifier.

        Raises:
            ModelError: It fails.
        """
        sequences = make_trial_sequences(
            model,
            pad_id=find_pad_id(model.config, tokenizer),
            specials=_read_specials(tokenizer, kind),
            longest=longest,
        )
        forward = measure(model, sequences, device, Forward.of_classifier)
        alone = WholeClassifier(forward, tokenizer=tokenizer, device=device)
        kept: list[tuple[Sequences, Floats]] = []
        faults: list[BaseException] = []
        for sequence in split(sequences):
            try:
                kept.append((sequence, _score(alone, sequence, kind)))
            except FAULTS as error:
                faults.append(error)
        if not kept:
            raise make_unreadable_error(model, faults[0]) from faults[0]
        finite = [pair for pair in kept if np.isfinite(pair[1]).all()]
        return cls(
            alone,
            kind,
            tokenizer,
            device,
            join([sequence for sequence, _ in finite or kept]),
            np.concatenate([scores for _, scores in finite or kept]),
        )

    @property
    def model(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
        """The plain classifier."""
        return self.alone.model

    def find_fault(self, encoder: Encoder, *, tolerance: float) -> str | None:
        """What is wrong with an encoder of scores; None if it agrees.

        Args:
            encoder: Of the same classifier.
            tolerance: How far numbers may be apart, for float32.
        """
        if not np.isfinite(self.scores).all():
            return None  # which is said of the text that meets it
        try:
            scores = _score(encoder, self.sequences, self.kind)
        except FAULTS as error:
            return describe_fault(error)
        exact = self.model.dtype == torch.float32
        if agree(scores, self.scores, exact=exact, tolerance=tolerance):
            return None
        return "the scores of its labels are not those of a text alone"

    def choose_whole(self) -> WholeClassifier:
        """The classifier with the most in one batch that gives the scores of each text alone."""
        batchings = [Batching.PADDED, Batching.EQUAL_LENGTHS, Batching.ALONE]
        if self.alone.forward.hangs_on_length or not self.alone.forward.takes_mask:
            batchings.remove(Batching.PADDED)
        elif _is_of_texts(self.kind):
            # XLNet reads a text's class off the last position.
            batchings.insert(1, Batching.PADDED_LEFT)
        classifiers = (
            WholeClassifier(
                self.alone.forward, tokenizer=self.tokenizer, device=self.device, batching=batching
            )
            for batching in batchings
        )
        return choose_batching(classifiers, self._find_batching_fault, self.model)

    def _find_batching_fault(self, classifier: WholeClassifier) -> str | None:
        is_padded = classifier.batching in (Batching.PADDED, Batching.PADDED_LEFT)
        tolerance = PADDED_TOLERANCE if is_padded else LOOSE_TOLERANCE
        return self.find_fault(classifier, tolerance=tolerance)


def _read_specials(tokenizer: PieceTokenizer, kind: TaskKind) -> Specials:
    """The special pieces around a text; of a pair, its first text among those in front."""
    if not kind.reads_pairs:
        return tokenizer.prefix, tokenizer.suffix
    front, between, rear = tokenizer.pair.ids
    return (*front, *tokenizer([_FIRST_TEXT]).ids.tolist(), *between), rear


def _is_of_texts(kind: TaskKind) -> bool:
    """Whether the labels are those of whole texts or pairs, not of each piece."""
    return kind.gives == "labels" and not kind.reads_words


def _score(encoder: Encoder, sequences: Sequences, kind: TaskKind) -> Floats:
    """The scores of every position, or for labels of texts those of the first."""
    rows = RowRequest.all_tokens(sequences)
    if _is_of_texts(kind):
        numbers = np.arange(len(sequences.lengths))
        rows = RowRequest.single(numbers, np.zeros_like(numbers))
    return encode(encoder, sequences, rows, (encoder.layers,))
