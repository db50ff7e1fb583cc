"""Two texts that are read at once: pieces, windows over the one that may be long, sequences, and the model's scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.classifier_backend import WholeClassifier, takes_types
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.sequences import Sequences, make_padded_batches
from nlu_lite.encoder.models.pieces import PairSpecials, Pieces
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.windows import Windows, windows
from nlu_lite.errors import InputValueError
from nlu_lite.options import quarter


@dataclass(frozen=True)
class Pairs:
    """Sequences of two texts each.

    Attributes:
        sequences: Token ids with the special ones.
        types: Shape (tokens,): which part of its sequence each token is in.
    """

    sequences: Sequences
    types: Ints


def pairs(specials: PairSpecials, first: Pieces, second: Pieces) -> Pairs:
    """Put texts together, the n-th of the one side with the n-th of the other.

    Args:
        specials: What stands around them.
        first: In front.
        second: Behind.
    """
    counts = [np.diff(side.starts) for side in (first, second)]
    lengths = counts[0] + counts[1] + specials.count
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ids, types = (
        np.empty(int(starts[-1]), dtype=np.int64),
        np.empty(int(starts[-1]), dtype=np.int64),
    )
    at = starts[:-1].copy()
    for part, (own, own_types) in enumerate(zip(specials.ids, specials.types, strict=True)):
        for number, kind in zip(own, own_types, strict=True):
            ids[at], types[at] = number, kind
            at = at + 1
        if part < 2:
            side = (first, second)[part]
            ids[ranges(at, counts[part])] = side.ids
            types[ranges(at, counts[part])] = specials.text_types[part]
            at = at + counts[part]
    return Pairs(Sequences(ids=ids, starts=starts), types)


def cut_out(pieces: Pieces, found: Windows) -> Pieces:
    """The pieces of windows, each a text of its own.

    Args:
        pieces: Of whole texts.
        found: The windows of these.
    """
    lengths = found.end - found.begin
    at = ranges(pieces.starts[found.text] + found.begin, lengths)
    return Pieces(
        pieces.ids[at], pieces.begin[at], pieces.end[at], np.concatenate([[0], np.cumsum(lengths)])
    )


def repeated(pieces: Pieces, texts: Ints) -> Pieces:
    """Some texts, one after the other, each as often as it is named.

    Args:
        pieces: Of all texts.
        texts: Shape (wanted,): their numbers.
    """
    lengths = np.diff(pieces.starts)[texts]
    at = ranges(pieces.starts[texts], lengths)
    return Pieces(
        pieces.ids[at], pieces.begin[at], pieces.end[at], np.concatenate([[0], np.cumsum(lengths)])
    )


def windows_beside(plan: Plan, counts: Ints, beside: int) -> Windows:
    """How texts are read beside another one: in windows, or only their beginning where ``long="cut"``.

    Args:
        plan: The component.
        counts: Shape (texts,): pieces of each.
        beside: Pieces of the other text.

    Raises:
        InputValueError: It leaves no room.
    """
    tokenizer = plan.loaded.tokenizer
    if plan.room is None:
        room = max(int(counts.max(initial=1)), 1)
    else:
        room = plan.room + tokenizer.specials - tokenizer.pair.count - beside
    if room < 1:
        raise InputValueError(
            f"Beside a text of {beside} pieces there is no room for another: the model takes "
            f"{plan.room} at once. Shorten "
            "the question, or the labels and hypothesis=."
        )
    if plan.options.long == "cut":
        counts = np.minimum(counts, room)
    overlap = plan.options.stride if plan.options.stride is not None else quarter(room)
    return windows(counts, room=room, overlap=min(overlap, room - 1))


def scores(
    plan: Plan, read: Pairs, progress: Callable[[int], object]
) -> Iterator[tuple[Ints, tuple[Floats, ...]]]:
    """What the model says about pairs, batch by batch.

    Args:
        plan: The component.
        read: The pairs.
        progress: Called with the number of pairs done.

    Yields:
        Numbers of pairs, and the model's scores of them, each of shape (pairs given, ...).
    """
    model, sequences = plan.loaded.encoder, read.sequences
    assert isinstance(model, WholeClassifier)
    lengths, found = sequences.lengths, []

    def work(batch: Ints) -> None:
        types = (
            read.types[ranges(sequences.starts[batch], lengths[batch])]
            if takes_types(model.config)
            else None
        )
        said = model.scores(sequences, batch, types)
        found.append(
            (batch, tuple(np.asarray(part.cpu().numpy(), dtype=np.float32) for part in said))
        )

    for batch in make_padded_batches(lengths, budget=model.budget):
        run_in_halves(
            [batch], work, lengths, torch.device(plan.loaded.device), plan.loaded.architecture
        )
        for numbers, said in found:
            progress(len(numbers))
            yield numbers, said
        found.clear()
