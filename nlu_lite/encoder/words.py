"""Sentences and their words -> one vector a word: pieces, windows, the encoder and pooling put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nlu_lite.encoder.alignment import Overlap, first_meaningful, holds_letter_or_digit, overlap
from nlu_lite.encoder.models import LoadedModel
from nlu_lite.encoder.pieces import BARE_SPACE_SIGN, Pieces, PieceTokenizer
from nlu_lite.encoder.sequences import Sequences, Wanted, ranges
from nlu_lite.encoder.windows import Windows, choose, windows
from nlu_lite.errors import OptionError
from nlu_lite.options import LayerPooling, Options, quarter

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

# Code points tokenised and encoded at a time: enough sentences for length-sorting to pay, little enough to hold.
BLOCK_LENGTH = 1_000_000


@dataclass(frozen=True)
class WordVectors:
    """One vector a word.

    Attributes:
        matrix: Shape (words, width), float32; rows of words without a vector are NaN.
        present: Shape (words,): whether the word has a vector.
        pieces: Shape (words,): how many pieces overlap the word.
    """

    matrix: Floats
    present: NDArray[np.bool_]
    pieces: Ints


@dataclass(frozen=True)
class Plan:
    """How one component reads text and makes vectors, resolved against its model.

    Attributes:
        room: Pieces that fit a window, special ones not counted; None if nothing bounds it.
        overlap: Pieces that two windows share.
        layers: Layers from 0 to the model's number, in the order asked for.
    """

    loaded: LoadedModel
    options: Options
    room: int | None
    overlap: int
    layers: tuple[int, ...]

    @classmethod
    def make(cls, loaded: LoadedModel, options: Options) -> Plan:
        """Resolve options against a model.

        Raises:
            OptionError: A length or layer that the model does not have.
        """
        longest = loaded.max_length
        if options.max_length is not None:
            if longest is not None and options.max_length > longest:
                raise OptionError(f"max_length is {options.max_length}; this model takes at most {longest} pieces.")
            longest = options.max_length
        room = None if longest is None else longest - loaded.tokenizer.specials
        if room is not None and room < 1:
            raise OptionError(
                f"max_length is {longest}; {loaded.tokenizer.specials} of these pieces are special, so nothing is left "
                "for text."
            )
        shared = options.stride if options.stride is not None else quarter(room or 0)
        if room is not None and shared >= room:
            raise OptionError(f"stride is {shared}; it must be below the {room} pieces of text that fit a window.")
        count = loaded.encoder.layers
        if outside := [layer for layer in options.layer_list if not -count - 1 <= layer <= count]:
            raise OptionError(f"layers names {outside}; this model has layers 0 to {count}, or {-count - 1} to -1.")
        layers = tuple(layer if layer >= 0 else layer + count + 1 for layer in options.layer_list)
        return cls(loaded=loaded, options=options, room=room, overlap=shared, layers=layers)

    @property
    def width(self) -> int:
        """Width of a vector as the encoder returns it."""
        return self.loaded.encoder.dimension * (len(self.layers) if self.options.layer_pooling == "concat" else 1)


def word_vectors(
    plan: Plan,
    sentences: Sequence[str],
    word_sentence: Ints,
    word_begin: Ints,
    word_end: Ints,
    *,
    progress: Callable[[int], object],
) -> WordVectors:
    """Encode sentences and return a vector for every word.

    Args:
        plan: The component's model and options.
        sentences: Texts without lone surrogates; the model reads each on its own.
        word_sentence: Shape (words,), in order: number of the sentence that a word is in.
        word_begin: Shape (words,): code point in the sentence where it begins.
        word_end: Shape (words,): where it ends, half-open.
        progress: Called with the number of words done.
    """
    matrix = np.empty((len(word_begin), plan.width), dtype=np.float32)
    pieces = np.zeros(len(word_begin), dtype=np.int64)
    present = np.zeros(len(word_begin), dtype=np.bool_)
    for begin, end in _blocks(sentences):
        some = slice(*np.searchsorted(word_sentence, [begin, end]))
        if some.start == some.stop:
            continue
        block = _Block.make(
            plan.loaded.tokenizer, sentences[begin:end], word_sentence[some] - begin, word_begin[some], word_end[some]
        )
        present[some] = block.found.has_pieces
        pieces[some] = block.found.last - block.found.first + 1
        _encode(plan, block, matrix[some], present[some], progress)
    matrix[~present] = np.nan
    return WordVectors(matrix=matrix, present=present, pieces=pieces)


def _blocks(sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin = length = 0
    for number, sentence in enumerate(sentences):
        if length and length + len(sentence) > BLOCK_LENGTH:
            yield begin, number
            begin, length = number, 0
        length += len(sentence)
    if begin < len(sentences):
        yield begin, len(sentences)


@dataclass(frozen=True)
class _Block:
    """Sentences laid end to end, their pieces, and the pieces of each word."""

    pieces: Pieces
    owner: Ints
    found: Overlap
    meaningful: Ints

    @classmethod
    def make(
        cls, tokenizer: PieceTokenizer, sentences: Sequence[str], word_sentence: Ints, word_begin: Ints, word_end: Ints
    ) -> _Block:
        pieces = tokenizer(sentences)
        base = np.concatenate([[0], np.cumsum([len(sentence) for sentence in sentences])])
        owner = np.repeat(np.arange(len(sentences)), np.diff(pieces.starts))
        begin, end = pieces.begin + base[owner], pieces.end + base[owner]
        word_begin, word_end = word_begin + base[word_sentence], word_end + base[word_sentence]
        found = overlap(begin, end, _usable(tokenizer, pieces, sentences, begin), word_begin, word_end)
        letters = holds_letter_or_digit(sentences)
        meaningful = first_meaningful(found, begin, end, word_begin, word_end, letters)
        return cls(pieces=pieces, owner=owner, found=found, meaningful=meaningful)


def _usable(tokenizer: PieceTokenizer, pieces: Pieces, sentences: Sequence[str], begin: Ints) -> NDArray[np.bool_]:
    """All pieces but bare space signs; a sign that stands in the text itself is text."""
    bare = tokenizer.is_bare_space(pieces)
    if bare.any() and any(BARE_SPACE_SIGN in sentence for sentence in sentences):
        joined = "".join(sentences)
        places = np.flatnonzero(bare)
        bare[places] = [joined[at] != BARE_SPACE_SIGN for at in begin[places].tolist()]
    return ~bare


def _encode(plan: Plan, block: _Block, matrix: Floats, present: NDArray[np.bool_], progress: Callable[[int], object]) -> None:
    """Fill the rows of the block's words; rows of words that the encoder does not see are cleared in ``present``."""
    counts = np.diff(block.pieces.starts)
    cut = plan.options.long == "cut"
    room = plan.room if plan.room is not None else max(int(counts.max(initial=1)), 1)
    found = windows(np.minimum(counts, room) if cut else counts, room=room, overlap=min(plan.overlap, room - 1))
    words = np.flatnonzero(present)
    pair_word, pair_piece = _pairs(plan.options.word_pooling, block, words)
    local = pair_piece - block.pieces.starts[block.owner[pair_piece]]
    if cut:
        inside = local < room
        pair_word, pair_piece, local = pair_word[inside], pair_piece[inside], local[inside]
        present[:] = False
        present[pair_word] = True
    pair_window = _windows_of_pairs(found, counts, block, pair_word, pair_piece)
    # Pieces of one word in one window make one row; only a word longer than a window has several rows.
    new_row = np.ones(len(pair_word), dtype=np.bool_)
    new_row[1:] = (np.diff(pair_word) != 0) | (np.diff(pair_window) != 0)
    row_starts = np.flatnonzero(new_row)
    wanted = Wanted(
        sequence=pair_window[row_starts],
        positions=local - found.begin[pair_window] + len(plan.loaded.tokenizer.prefix),
        starts=np.append(row_starts, len(pair_word)),
    )
    rows = plan.loaded.encoder(
        _sequences(plan.loaded.tokenizer, block.pieces, found),
        wanted,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce="max" if plan.options.word_pooling == "max" else "sum",
        progress=progress,
    )
    _join(plan.options.word_pooling, rows, pair_word, row_starts, matrix)


def _pairs(word_pooling: str, block: _Block, words: Ints) -> tuple[Ints, Ints]:
    """Words and the pieces that make their vectors, side by side: shapes (pairs,), (pairs,)."""
    found = block.found
    if word_pooling == "first":
        return words, found.kept[block.meaningful[words]]
    if word_pooling == "last":
        return words, found.kept[found.last[words]]
    counts = found.last[words] - found.first[words] + 1
    return np.repeat(words, counts), found.kept[ranges(found.first[words], counts)]


def _windows_of_pairs(found: Windows, counts: Ints, block: _Block, pair_word: Ints, pair_piece: Ints) -> Ints:
    """The window that each piece is read in: its word's, or its own where no window holds the word whole."""
    owner = block.owner[pair_piece]
    start = block.pieces.starts[owner]
    first = block.found.kept[block.found.first[pair_word]] - start
    last = block.found.kept[block.found.last[pair_word]] - start
    window = choose(found, counts, owner, first, last)
    split = np.flatnonzero((first < found.begin[window]) | (last >= found.end[window]))
    if len(split):
        own = pair_piece[split] - start[split]
        window[split] = choose(found, counts, owner[split], own, own)
    return window


def _sequences(tokenizer: PieceTokenizer, pieces: Pieces, found: Windows) -> Sequences:
    """The windows as sequences, with the special pieces around them."""
    lengths = found.end - found.begin
    starts = np.concatenate([[0], np.cumsum(lengths + tokenizer.specials)])
    ids = np.empty(int(starts[-1]), dtype=np.int64)
    inner = starts[:-1] + len(tokenizer.prefix)
    ids[ranges(inner, lengths)] = pieces.ids[ranges(pieces.starts[found.text] + found.begin, lengths)]
    for place, special in enumerate(tokenizer.prefix):
        ids[starts[:-1] + place] = special
    for place, special in enumerate(tokenizer.suffix):
        ids[inner + lengths + place] = special
    return Sequences(ids=ids, starts=starts)


def _join(word_pooling: str, rows: Floats, pair_word: Ints, row_starts: Ints, matrix: Floats) -> None:
    """Rows of words -> one vector a word, into ``matrix``."""
    if not len(rows):
        return
    row_word = pair_word[row_starts]
    word_starts = np.flatnonzero(np.concatenate([[True], np.diff(row_word) != 0]))
    words = row_word[word_starts]
    if len(words) < len(rows):
        join = np.maximum if word_pooling == "max" else np.add
        rows = join.reduceat(rows, word_starts, axis=0)
    if word_pooling == "mean":
        rows /= np.bincount(pair_word, minlength=len(matrix))[words][:, None].astype(np.float32)
    matrix[words] = rows
