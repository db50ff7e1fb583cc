"""Two texts read at once: pieces, windows over the long one, sequences, and the model's scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.classifier_backend import WholeClassifier, takes_types
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.sequences import Sequences
from nlu_lite.encoder.models.pieces import PairSpecials, Pieces
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.windows import Windows, cut_windows
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


def join_pairs(specials: PairSpecials, first: Pieces, second: Pieces) -> Pairs:
    """Put texts side by side, the n-th of ``first`` in front of the n-th of ``second``.

    Args:
        specials: What stands around them.
        first: Pieces of the texts in front.
        second: Pieces of the texts behind.
    """
    sides = (first, second)
    counts = [np.diff(side.starts) for side in sides]
    starts = np.concatenate([[0], np.cumsum(counts[0] + counts[1] + specials.count)])
    ids = np.empty(int(starts[-1]), dtype=np.int64)
    types = np.empty_like(ids)
    # The next free token of each sequence.
    free = starts[:-1].copy()
    for part, (special_ids, special_types) in enumerate(
        zip(specials.ids, specials.types, strict=True)
    ):
        for special_id, special_type in zip(special_ids, special_types, strict=True):
            ids[free], types[free] = special_id, special_type
            free = free + 1
        if part < len(sides):
            tokens = ranges(free, counts[part])
            ids[tokens], types[tokens] = sides[part].ids, specials.text_types[part]
            free = free + counts[part]
    return Pairs(sequences=Sequences(ids=ids, starts=starts), types=types)


def select_windows(pieces: Pieces, windows: Windows) -> Pieces:
    """The pieces of windows, each window a text of its own.

    Args:
        pieces: Of whole texts.
        windows: Of these texts.
    """
    return pieces.select_runs(
        pieces.starts[windows.text] + windows.begin, windows.end - windows.begin
    )


def select_texts(pieces: Pieces, texts: Ints) -> Pieces:
    """Some texts, one after the other; repeats are allowed.

    Args:
        pieces: Of all texts.
        texts: Shape (selected,): their numbers.
    """
    return pieces.select_runs(pieces.starts[texts], np.diff(pieces.starts)[texts])


def cut_windows_beside(plan: Plan, counts: Ints, beside: int) -> Windows:
    """How texts are read beside another one: in windows, or their beginning where ``long="cut"``.

    Args:
        plan: The component.
        counts: Shape (texts,): pieces of each.
        beside: Pieces of the other text.

    Raises:
        InputValueError: It leaves no room.
    """
    tokenizer = plan.loaded.tokenizer
    room = max(int(counts.max(initial=1)), 1)
    if plan.room is not None:
        room = plan.room + tokenizer.specials - tokenizer.pair.count - beside
    if room < 1:
        raise InputValueError(
            f"Beside a text of {beside} pieces there is no room for another: the model takes "
            f"{plan.room} at once. Shorten the question, or the labels and hypothesis=."
        )
    if plan.options.long == "cut":
        counts = np.minimum(counts, room)
    overlap = plan.options.stride if plan.options.stride is not None else quarter(room)
    return cut_windows(counts, room=room, overlap=min(overlap, room - 1))


def score_pairs(
    plan: Plan, pairs: Pairs, progress: Callable[[int], object] = lambda _pairs: None
) -> Iterator[tuple[Ints, tuple[Floats, ...]]]:
    """What the model says about pairs, batch by batch.

    Args:
        plan: The component.
        pairs: Sequences of two texts each.
        progress: Called with the number of pairs done.

    Yields:
        Shape (batch,): numbers of pairs; and the model's scores, each of shape (batch, ...).
    """
    model, sequences = plan.loaded.encoder, pairs.sequences
    assert isinstance(model, WholeClassifier)
    lengths = sequences.lengths
    results: list[tuple[Ints, tuple[Floats, ...]]] = []

    def work(batch: Ints) -> None:
        types = None
        if takes_types(model.config):
            types = pairs.types[ranges(sequences.starts[batch], lengths[batch])]
        scores = [part.cpu().numpy() for part in model.scores(sequences, batch, types)]
        results.append((batch, tuple(np.asarray(part, dtype=np.float32) for part in scores)))

    device = torch.device(plan.loaded.device)
    for batch in model.batching.make_batches(lengths, budget=model.budget):
        run_in_halves([batch], work, lengths, device, plan.loaded.architecture)
        for numbers, scores in results:
            progress(len(numbers))
            yield numbers, scores
        results.clear()
