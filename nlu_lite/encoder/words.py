"""Sentences and their words -> one vector a word: pieces, windows, the encoder and pooling put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from nlu_lite.common import Bools, Floats, Ints, ranges
from nlu_lite.encoder.alignment import Overlap, first_meaningful, holds_letter_or_digit, overlap
from nlu_lite.encoder.backends.sequences import RowRequest
from nlu_lite.encoder.check_finite import not_finite, row_that_is_not
from nlu_lite.encoder.models.pieces import BARE_SPACE_SIGN, Pieces, PieceTokenizer
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.repeats import Repeats
from nlu_lite.encoder.windows import Windows, choose, sequences
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
            words: Which ones, numbered through all sentences.
            vectors: Shape (words given, width), float32; meaningless where not present.
            present: Shape (words given,): whether each has a vector.
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


def find_common_tokenizer(plans: Sequence[Plan]) -> PieceTokenizer:
    """The tokenizer that several components have in common.

    Raises:
        OptionError: They have different ones, so that ``words="model"`` does not say whose words
            are meant.
    """
    first = plans[0].loaded.tokenizer
    if not all(
        first is plan.loaded.tokenizer or first.same_words(plan.loaded.tokenizer) for plan in plans
    ):
        raise OptionError(
            'words="model" takes the words of the model\'s tokenizer, but the components have '
            "different tokenizers; load them "
            "apart or choose another rule."
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
    """Encode sentences and hand over a vector for every word; equal sentences with equal words once.

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
    once = Repeats.find(sentences, word_sentence, word_begin, word_end)
    texts = [sentences[number] for number in once.sentences.tolist()]
    owner, word_begin, word_end = (
        once.sentence[word_sentence[once.words]],
        word_begin[once.words],
        word_end[once.words],
    )
    words, total = len(owner), len(texts)
    reading = Reading(
        np.zeros(words, int), np.zeros(words, bool), np.zeros(total, int), np.zeros(total, int)
    )
    for begin, end in blocks(texts):
        some = slice(*np.searchsorted(owner, [begin, end]).tolist())
        block = yield from _Block.make(
            plan, texts[begin:end], owner[some] - begin, word_begin[some], word_end[some]
        )
        found = plan.windows(np.diff(block.pieces.starts))
        reading.pieces[some] = block.found.last - block.found.first + 1
        reading.unknown[some] = block.unknown(plan.loaded.tokenizer.unknown_id)
        reading.sentence_pieces[begin:end] = np.diff(block.pieces.starts)
        reading.sentence_windows[begin:end] = np.diff(found.starts)
        present = block.found.has_pieces
        matrix = plan.finish((yield from _encode(plan, block, found, present, progress)))
        if (bad := row_that_is_not(matrix, present)) is not None:
            raise not_finite(plan, texts[owner[some][bad]])
        given = 0
        for places, rows in once.places(some):
            collector.add(places, matrix[rows], present[rows])
            given += len(places)
        progress(given - len(matrix))
    return Reading(
        reading.pieces[once.word],
        reading.unknown[once.word],
        reading.sentence_pieces[once.sentence],
        reading.sentence_windows[once.sentence],
    )


def blocks(sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
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
    """Sentences laid end to end, their pieces, and the pieces of each word."""

    pieces: Pieces
    owner: Ints
    found: Overlap
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
            return cls._of_spark(*plan.spark(sentences, word_sentence, word_begin, word_end))
        tokenizer = plan.loaded.tokenizer
        pieces: Pieces = yield Tokenise(tokenizer, sentences)
        base = np.concatenate([[0], np.cumsum([len(sentence) for sentence in sentences])])
        owner = _owner(pieces)
        begin, end = pieces.begin + base[owner], pieces.end + base[owner]
        word_begin, word_end = word_begin + base[word_sentence], word_end + base[word_sentence]
        found = overlap(
            begin, end, _usable(tokenizer, pieces, sentences, begin), word_begin, word_end
        )
        letters = holds_letter_or_digit(sentences)
        meaningful = first_meaningful(found, begin, end, word_begin, word_end, letters)
        return cls(pieces=pieces, owner=owner, found=found, meaningful=meaningful)

    @classmethod
    def _of_spark(cls, pieces: Pieces, found: Overlap) -> _Block:
        return cls(pieces=pieces, owner=_owner(pieces), found=found, meaningful=found.first)

    def unknown(self, unknown_id: int | None) -> Bools:
        """Shape (words,): whether a piece of the word is the vocabulary's unknown one."""
        is_unknown = self.pieces.ids[self.found.kept] == (-1 if unknown_id is None else unknown_id)
        before = np.concatenate([[0], np.cumsum(is_unknown)])
        return np.asarray(
            before[self.found.last + 1] > before[np.minimum(self.found.first, self.found.last + 1)]
        )


def _owner(pieces: Pieces) -> Ints:
    """Shape (pieces,): number of the sentence that each piece is in."""
    return np.repeat(np.arange(len(pieces.starts) - 1), np.diff(pieces.starts))


def _usable(
    tokenizer: PieceTokenizer, pieces: Pieces, sentences: Sequence[str], begin: Ints
) -> Bools:
    """All pieces but bare space signs; a sign that stands in the text itself is text."""
    bare = tokenizer.is_bare_space(pieces)
    if bare.any() and any(BARE_SPACE_SIGN in sentence for sentence in sentences):
        joined = "".join(sentences)
        places = np.flatnonzero(bare)
        bare[places] = [joined[at] != BARE_SPACE_SIGN for at in begin[places].tolist()]
    return ~bare


def _encode(
    plan: Plan, block: _Block, found: Windows, present: Bools, progress: Callable[[int], object]
) -> Work[Floats]:
    """A row for each of the block's words; words that the encoder does not see are cleared in ``present``."""
    counts = np.diff(block.pieces.starts)
    pair_word, pair_piece = _pairs(plan.options.word_pooling, block, np.flatnonzero(present))
    local = pair_piece - block.pieces.starts[block.owner[pair_piece]]
    if plan.options.long == "cut":
        inside = local < found.room
        pair_word, pair_piece, local = pair_word[inside], pair_piece[inside], local[inside]
        present[:] = False
        present[pair_word] = True
        counts = np.minimum(counts, found.room)
    pair_window = _windows_of_pairs(found, block, pair_word, pair_piece)
    # Pieces of one word in one window make one row; only a word longer than a window has several
    # rows.
    new_row = np.ones(len(pair_word), dtype=np.bool_)
    new_row[1:] = (np.diff(pair_word) != 0) | (np.diff(pair_window) != 0)
    row_starts = np.flatnonzero(new_row)
    wanted = RowRequest(
        sequence=pair_window[row_starts],
        positions=local - found.begin[pair_window] + len(plan.loaded.tokenizer.prefix),
        starts=np.append(row_starts, len(pair_word)),
    )
    rows: Floats = yield Encode(
        plan.loaded.encoder,
        sequences(plan.loaded.tokenizer, block.pieces, found),
        wanted,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce="max" if plan.options.word_pooling == "max" else "sum",
        progress=progress,
    )
    return _join(plan.options.word_pooling, rows, pair_word, row_starts, words=len(present))


def _pairs(word_pooling: str, block: _Block, words: Ints) -> tuple[Ints, Ints]:
    """Words and the pieces that make their vectors, side by side: shapes (pairs,), (pairs,)."""
    found = block.found
    if word_pooling == "first":
        return words, found.kept[block.meaningful[words]]
    if word_pooling == "last":
        return words, found.kept[found.last[words]]
    counts = found.last[words] - found.first[words] + 1
    return np.repeat(words, counts), found.kept[ranges(found.first[words], counts)]


def _windows_of_pairs(found: Windows, block: _Block, pair_word: Ints, pair_piece: Ints) -> Ints:
    """The window that each piece is read in: its word's, or its own where no window holds the word whole."""
    owner = block.owner[pair_piece]
    start = block.pieces.starts[owner]
    first = block.found.kept[block.found.first[pair_word]] - start
    last = block.found.kept[block.found.last[pair_word]] - start
    window = choose(found, owner, first, last)
    split = np.flatnonzero((first < found.begin[window]) | (last >= found.end[window]))
    if len(split):
        own = pair_piece[split] - start[split]
        window[split] = choose(found, owner[split], own, own)
    return window


def _join(
    word_pooling: str, rows: Floats, pair_word: Ints, row_starts: Ints, *, words: int
) -> Floats:
    """Rows of words -> one vector a word, shape (words, width); zeros where a word has no row."""
    row_word = pair_word[row_starts]
    word_starts = np.flatnonzero(np.diff(row_word, prepend=-1))
    own = row_word[word_starts]
    if len(own) < len(rows):
        join = np.maximum if word_pooling == "max" else np.add
        rows = join.reduceat(rows, word_starts, axis=0)
    if word_pooling == "mean":
        rows /= np.bincount(pair_word, minlength=words)[own][:, None].astype(np.float32)
    if len(own) == words:
        return rows  # the usual case, and a copy less of what may be gigabytes
    # What is left over in the memory may be infinite, and the rows are computed with before the
    # empty ones are dropped.
    matrix = np.zeros((words, rows.shape[1]), dtype=np.float32)
    matrix[own] = rows
    return matrix
