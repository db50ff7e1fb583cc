"""Sentences and their words -> one vector a word: pieces, windows, encoder and pooling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from nlu_lite.common import Bools, Floats, Ints, ranges
from nlu_lite.encoder.alignment import (
    Overlap,
    count_letters_and_digits,
    find_meaningful,
    find_overlap,
)
from nlu_lite.encoder.backends.sequences import RowRequest
from nlu_lite.encoder.check_finite import find_faulty_row, make_not_finite_error
from nlu_lite.encoder.models.pieces import BARE_SPACE_SIGN, Pieces, PieceTokenizer
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.repeats import Repeats
from nlu_lite.encoder.windows import Windows, choose_windows, make_sequences
from nlu_lite.encoder.work import Encode, Tokenise, Work
from nlu_lite.errors import OptionError
from nlu_lite.options import LayerPooling

# Code points tokenised and encoded at a time: enough sentences for length-sorting to pay, little
# enough to hold.
BLOCK_LENGTH = 1_000_000


class Collector(Protocol):
    """Takes word vectors block by block."""

    def add(self, words: Ints, vectors: Floats, present: Bools) -> None:
        """Take the vectors of some words; every word comes once.

        Args:
            words: Shape (portion,): which ones, numbered through all sentences.
            vectors: Shape (portion, width), float32; meaningless where not present.
            present: Shape (portion,): whether each has a vector.
        """


@dataclass(frozen=True)
class Reading:
    """How words and sentences were read.

    Attributes:
        pieces: Shape (words,): how many pieces overlap the word.
        unknown: Shape (words,): whether one of them is the vocabulary's unknown piece.
        sentence_pieces: Shape (sentences,): pieces of the sentence, special ones not counted.
        sentence_windows: Shape (sentences,): windows it was read in.
    """

    pieces: Ints
    unknown: Bools
    sentence_pieces: Ints
    sentence_windows: Ints

    @classmethod
    def empty(cls, *, words: int, sentences: int) -> Reading:
        """Arrays to be filled in."""
        return cls(
            pieces=np.zeros(words, dtype=np.int64),
            unknown=np.zeros(words, dtype=np.bool_),
            sentence_pieces=np.zeros(sentences, dtype=np.int64),
            sentence_windows=np.zeros(sentences, dtype=np.int64),
        )


def find_common_tokenizer(plans: Sequence[Plan]) -> PieceTokenizer:
    """The tokenizer that several components have in common.

    Raises:
        OptionError: They have different ones, so that ``words="model"`` does not say whose words
            are meant.
    """
    first = plans[0].loaded.tokenizer
    if not all(first.equals(plan.loaded.tokenizer) for plan in plans):
        raise OptionError(
            'words="model" takes the words of the model\'s tokenizer, but the components have '
            "different tokenizers; load them apart or choose another rule."
        )
    return first


def encode_words(
    plan: Plan,
    sentences: Sequence[str],
    word_sentence: Ints,
    word_begin: Ints,
    word_end: Ints,
    *,
    collector: Collector,
    progress: Callable[[int], object],
) -> Work[Reading]:
    """Hand over a vector for every word; equal sentences with equal words are encoded once.

    Args:
        plan: The component's model and options.
        sentences: Texts without lone surrogates; the model reads each on its own.
        word_sentence: Shape (words,), in order: number of the sentence that a word is in.
        word_begin: Shape (words,): code point in the sentence where it begins.
        word_end: Shape (words,): where it ends, half-open.
        collector: Gets the vectors.
        progress: Called with the number of words done.

    Raises:
        NotFiniteError: A vector has NaN or infinity in it.
    """
    repeats = Repeats.find(sentences, word_sentence, word_begin, word_end)
    texts = [sentences[number] for number in repeats.sentences.tolist()]
    owner = repeats.sentence[word_sentence[repeats.words]]
    word_begin, word_end = word_begin[repeats.words], word_end[repeats.words]
    reading = Reading.empty(words=len(owner), sentences=len(texts))
    for begin, end in split_into_blocks(texts):
        words = slice(*np.searchsorted(owner, [begin, end]).tolist())
        block = yield from _Block.make(
            plan, texts[begin:end], owner[words] - begin, word_begin[words], word_end[words]
        )
        counts = np.diff(block.pieces.starts)
        windows = plan.cut_windows(counts)
        reading.pieces[words] = block.overlap.last - block.overlap.first + 1
        reading.unknown[words] = block.is_unknown(plan.loaded.tokenizer.unknown_id)
        reading.sentence_pieces[begin:end] = counts
        reading.sentence_windows[begin:end] = np.diff(windows.starts)
        present = block.overlap.has_pieces
        matrix = plan.finish((yield from _encode(plan, block, windows, present, progress)))
        row = find_faulty_row(matrix, present)
        if row is not None:
            raise make_not_finite_error(plan, texts[owner[words][row]])
        count = 0
        for occurrences, rows in repeats.occurrences(words):
            collector.add(occurrences, matrix[rows], present[rows])
            count += len(occurrences)
        progress(count - len(matrix))
    return Reading(
        pieces=reading.pieces[repeats.word],
        unknown=reading.unknown[repeats.word],
        sentence_pieces=reading.sentence_pieces[repeats.sentence],
        sentence_windows=reading.sentence_windows[repeats.sentence],
    )


def split_into_blocks(sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring texts of about ``BLOCK_LENGTH`` code points together."""
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
    """Sentences laid end to end, their pieces, and the pieces of each word.

    Attributes:
        pieces: Of all sentences.
        owner: Shape (pieces,): number of the sentence that each piece is in.
        overlap: The pieces of each word.
        meaningful: Shape (words,): the piece that ``first`` takes, as index in ``overlap.kept``.
    """

    pieces: Pieces
    owner: Ints
    overlap: Overlap
    meaningful: Ints

    @classmethod
    def make(
        cls,
        plan: Plan,
        sentences: Sequence[str],
        word_sentence: Ints,
        word_begin: Ints,
        word_end: Ints,
    ) -> Work[_Block]:
        if plan.spark is not None:
            pieces, overlap = plan.spark(sentences, word_sentence, word_begin, word_end)
            owner = _find_owner(pieces)
            return cls(pieces=pieces, owner=owner, overlap=overlap, meaningful=overlap.first)
        tokenizer = plan.loaded.tokenizer
        pieces = yield Tokenise(tokenizer, sentences)
        base = np.concatenate([[0], np.cumsum([len(sentence) for sentence in sentences])])
        owner = _find_owner(pieces)
        begin, end = pieces.begin + base[owner], pieces.end + base[owner]
        word_begin, word_end = word_begin + base[word_sentence], word_end + base[word_sentence]
        usable = _is_usable(tokenizer, pieces, sentences, begin)
        overlap = find_overlap(begin, end, usable, word_begin, word_end)
        letters = count_letters_and_digits(sentences)
        meaningful = find_meaningful(overlap, begin, end, word_begin, word_end, letters)
        return cls(pieces=pieces, owner=owner, overlap=overlap, meaningful=meaningful)

    def is_unknown(self, unknown_id: int | None) -> Bools:
        """Shape (words,): whether a piece of the word is the vocabulary's unknown one."""
        first, end = self.overlap.first, self.overlap.last + 1
        is_unknown = self.pieces.ids[self.overlap.kept] == (
            -1 if unknown_id is None else unknown_id
        )
        before = np.concatenate([[0], np.cumsum(is_unknown)])
        return np.asarray(before[end] > before[np.minimum(first, end)])


def _find_owner(pieces: Pieces) -> Ints:
    """Shape (pieces,): number of the sentence that each piece is in."""
    return np.repeat(np.arange(len(pieces.starts) - 1), np.diff(pieces.starts))


def _is_usable(
    tokenizer: PieceTokenizer, pieces: Pieces, sentences: Sequence[str], begin: Ints
) -> Bools:
    """Shape (pieces,): False for bare space signs, unless the text itself has them."""
    bare = tokenizer.is_bare_space(pieces)
    if bare.any() and any(BARE_SPACE_SIGN in sentence for sentence in sentences):
        joined = "".join(sentences)
        numbers = np.flatnonzero(bare)
        bare[numbers] = [joined[offset] != BARE_SPACE_SIGN for offset in begin[numbers].tolist()]
    return ~bare


def _encode(
    plan: Plan, block: _Block, windows: Windows, present: Bools, progress: Callable[[int], object]
) -> Work[Floats]:
    """Shape (words, width); ``present`` is cleared for words that the encoder does not see."""
    word_pooling = plan.options.word_pooling
    pair_word, pair_piece = _pair_words_with_pieces(word_pooling, block, np.flatnonzero(present))
    local = pair_piece - block.pieces.starts[block.owner[pair_piece]]
    if plan.options.long == "cut":
        inside = local < windows.room
        pair_word, pair_piece, local = pair_word[inside], pair_piece[inside], local[inside]
        present[:] = False
        present[pair_word] = True
    pair_window = _choose_pair_windows(windows, block, pair_word, pair_piece)
    # Pieces of one word in one window make one row; only a word longer than a window has several
    # rows.
    is_new_row = np.ones(len(pair_word), dtype=np.bool_)
    is_new_row[1:] = (np.diff(pair_word) != 0) | (np.diff(pair_window) != 0)
    row_starts = np.flatnonzero(is_new_row)
    rows = RowRequest(
        sequence=pair_window[row_starts],
        positions=local - windows.begin[pair_window] + len(plan.loaded.tokenizer.prefix),
        starts=np.append(row_starts, len(pair_word)),
    )
    vectors: Floats = yield Encode(
        plan.loaded.encoder,
        make_sequences(plan.loaded.tokenizer, block.pieces, windows),
        rows,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce="max" if word_pooling == "max" else "sum",
        progress=progress,
    )
    return _join_rows(word_pooling, vectors, pair_word, row_starts, words=len(present))


def _pair_words_with_pieces(word_pooling: str, block: _Block, words: Ints) -> tuple[Ints, Ints]:
    """Words and the pieces that make their vectors, side by side: shapes (pairs,), (pairs,)."""
    overlap = block.overlap
    if word_pooling == "first":
        return words, overlap.kept[block.meaningful[words]]
    if word_pooling == "last":
        return words, overlap.kept[overlap.last[words]]
    counts = overlap.last[words] - overlap.first[words] + 1
    return np.repeat(words, counts), overlap.kept[ranges(overlap.first[words], counts)]


def _choose_pair_windows(
    windows: Windows, block: _Block, pair_word: Ints, pair_piece: Ints
) -> Ints:
    """The window of each piece: its word's, or its own where no window holds the word whole."""
    owner = block.owner[pair_piece]
    start = block.pieces.starts[owner]
    first = block.overlap.kept[block.overlap.first[pair_word]] - start
    last = block.overlap.kept[block.overlap.last[pair_word]] - start
    chosen = choose_windows(windows, owner, first, last)
    split = np.flatnonzero((first < windows.begin[chosen]) | (last >= windows.end[chosen]))
    if len(split):
        piece = pair_piece[split] - start[split]
        chosen[split] = choose_windows(windows, owner[split], piece, piece)
    return chosen


def _join_rows(
    word_pooling: str, rows: Floats, pair_word: Ints, row_starts: Ints, *, words: int
) -> Floats:
    """Rows of words -> one vector a word, shape (words, width); zeros where a word has no row."""
    row_word = pair_word[row_starts]
    word_starts = np.flatnonzero(np.diff(row_word, prepend=-1))
    encoded = row_word[word_starts]
    if len(encoded) < len(rows):
        join = np.maximum if word_pooling == "max" else np.add
        rows = join.reduceat(rows, word_starts, axis=0)
    if word_pooling == "mean":
        counts = np.bincount(pair_word, minlength=words)[encoded]
        rows /= counts[:, None].astype(np.float32)
    if len(encoded) == words:
        return rows  # the usual case, and a copy less of what may be gigabytes
    # What is left over in the memory may be infinite, and the rows are computed with before the
    # empty ones are dropped.
    matrix = np.zeros((words, rows.shape[1]), dtype=np.float32)
    matrix[encoded] = rows
    return matrix
