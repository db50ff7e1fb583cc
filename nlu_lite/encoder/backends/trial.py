"""A few sequences and what the plain model gives for each alone: what every encoder is held to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.out_of_memory import FAULTS
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences

# Tokens of the sequences tried at load: two alike, others not, the shortest a single one and the
# longest longer than what a convolution sees at once; few, because loading waits.
_LENGTHS = (4, 9, 1, 4, 40)
# Where only the shape of a batch differs there is nothing to choose but slower ways.
LOOSE_TOLERANCE = 1e-4
# A model whose rounding differs more than this in a padded batch could pass the bound of what is
# equal (1e-5) with other texts.
PADDED_TOLERANCE = 5e-6
# Half precision differs from itself by several hundredths when sums are taken in another order;
# directions hardly do.
_LEAST_COSINE = 0.99
_MOST_HALF_ERROR = 0.15
# What the ids of padding may change where padding is masked: nothing, but for models that sort
# pieces among experts, whose sums are then taken in another order.
_MOST_LEAK, _MOST_HALF_LEAK = 1e-6, 1e-3

Specials = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Trial:
    """A few sequences and what the plain model gives for them.

    Attributes:
        sequences: What is tried.
        layers: The layers compared; several, so that a wrong count of them shows.
        states: Shape (tokens, dimension x layers): of every token.
        exact: Whether the numbers must be the same, or in half precision nearly.
    """

    sequences: Sequences
    layers: tuple[int, ...]
    states: NDArray[np.float32]
    exact: bool

    @classmethod
    def make(cls, alone: Encoder, sequences: Sequences, *, exact: bool) -> Trial | None:
        """Ask an encoder that reads one sequence at a time.

        Sequences on which it fails, or whose numbers are not finite, are left out: who meets such a
        text is told then.

        Returns:
            None where nothing is left.
        """
        tried_layers = {0, alone.layers // 2, alone.layers}
        layers = tuple(sorted(tried_layers.intersection(alone.served_layers)))
        tried = [
            (sequence, encode_or_none(alone, sequence, layers)) for sequence in split(sequences)
        ]
        kept = [(sequence, states) for sequence, states in tried if states is not None]
        if not kept:
            return None
        return cls(
            sequences=join([sequence for sequence, _ in kept]),
            layers=layers,
            states=np.concatenate([states for _, states in kept]),
            exact=exact,
        )

    def find_fault(self, encoder: Encoder, *, tolerance: float) -> str | None:
        """What is wrong with an encoder; None if it agrees.

        Args:
            encoder: Of the same model.
            tolerance: How far numbers may be apart, for float32.
        """
        lengths = self.sequences.lengths
        single = RowRequest.single(np.arange(len(lengths)), lengths // 2)
        width = encoder.dimension
        rows = self.sequences.starts[:-1] + lengths // 2
        try:
            pairs = [(encode_all(encoder, self.sequences, self.layers), self.states)]
            # Single tokens of one layer go another way through the last layer, and through the
            # layers up to a lower one.
            for number, layer in list(enumerate(self.layers))[1:]:
                expected = self.states[rows][:, number * width : (number + 1) * width]
                pairs.append((encode(encoder, self.sequences, single, (layer,)), expected))
        except FAULTS as error:
            # Not a machine out of memory, which is no reason to try again in another way.
            return describe_fault(error)
        if all(
            agree(states, expected, exact=self.exact, tolerance=tolerance)
            for states, expected in pairs
        ):
            return None
        return "its numbers are not those of a text alone"

    def find_leak(self, encoder: BatchedEncoder, other_id: int) -> str | None:
        """How padding changes an encoder's numbers; None if it changes nothing.

        Args:
            encoder: One that pads.
            other_id: An id that is not its id for padding.
        """
        states = encode_all(encoder, self.sequences, self.layers)
        other_states = encode_all(encoder.with_padding(other_id), self.sequences, self.layers)
        most = _MOST_LEAK if self.exact else _MOST_HALF_LEAK
        if np.abs(states - other_states).max() <= most * max(1, np.abs(states).max()):
            return None
        return "what stands in its padding changes its numbers"


def make_sequences(
    *, vocabulary: int, pad_id: int, specials: Specials, longest: int | None
) -> Sequences:
    """Sequences of mixed lengths, of ids from everywhere between the special ones.

    Args:
        vocabulary: How many ids the model has vectors for.
        pad_id: Id for padding, which stands in none.
        specials: Ids in front of a text and behind it.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.
    """
    around = len(specials[0]) + len(specials[1])
    most = max(_LENGTHS) if longest is None else longest - around
    lengths = np.minimum(_LENGTHS, max(most, 1))
    ids = (np.arange(int(lengths.sum())) * 7919 + 11) % vocabulary
    ids[np.isin(ids, [pad_id, *specials[0], *specials[1]])] = (pad_id + 1) % vocabulary
    texts = np.split(ids, np.cumsum(lengths)[:-1])
    whole = [np.array([*specials[0], *text, *specials[1]], dtype=np.int64) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(sequence) for sequence in whole])])
    return Sequences(ids=np.concatenate(whole), starts=starts)


def split(sequences: Sequences) -> list[Sequences]:
    """Each sequence by itself."""
    edges = itertools.pairwise(sequences.starts.tolist())
    return [
        Sequences(ids=sequences.ids[begin:end], starts=np.array([0, end - begin]))
        for begin, end in edges
    ]


def join(parts: list[Sequences]) -> Sequences:
    """Several sequences in one record."""
    lengths = np.concatenate([part.lengths for part in parts])
    return Sequences(
        ids=np.concatenate([part.ids for part in parts]),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
    )


def encode_or_none(
    encoder: Encoder, sequence: Sequences, layers: tuple[int, ...]
) -> NDArray[np.float32] | None:
    """Shape (tokens, width); None where the model fails or a number is not finite."""
    try:
        states = encode_all(encoder, sequence, layers)
    except FAULTS:
        return None
    return states if np.isfinite(states).all() else None


def encode_all(
    encoder: Encoder, sequences: Sequences, layers: tuple[int, ...]
) -> NDArray[np.float32]:
    """Shape (tokens, width): every token."""
    return encode(encoder, sequences, RowRequest.all_tokens(sequences), layers)


def encode(
    encoder: Encoder, sequences: Sequences, rows: RowRequest, layers: tuple[int, ...]
) -> NDArray[np.float32]:
    """Shape (rows, width): the layers side by side."""
    return encoder(
        sequences,
        rows,
        layers=layers,
        layer_pooling="concat",
        reduce="sum",
        progress=lambda _rows: None,
    )


def describe_fault(error: BaseException) -> str:
    """Why a trial failed, for a person; the model's own exception stands behind ours."""
    cause = error.__cause__ or error
    return f"it fails ({type(cause).__name__}: {cause!s:.300})"


def agree(
    states: NDArray[np.float32],
    expected: NDArray[np.float32],
    *,
    exact: bool,
    tolerance: float,
) -> bool:
    """Whether rows are the same but for rounding."""
    if not np.isfinite(states).all():
        return False
    if exact:
        most = tolerance * np.maximum(1, np.abs(expected).max(axis=1, keepdims=True))
        return bool((np.abs(states - expected) <= most).all())
    sizes = np.linalg.norm(expected, axis=1)
    errors = np.linalg.norm(states - expected, axis=1)
    products = (states * expected).sum(axis=1)
    cosines = products >= _LEAST_COSINE * np.linalg.norm(states, axis=1) * sizes
    return bool((cosines & (errors <= _MOST_HALF_ERROR * np.maximum(1, sizes))).all())
