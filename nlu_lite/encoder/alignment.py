"""Pieces -> words: which pieces overlap a word, and which of them speak for it.

Sentences are laid end to end in one coordinate system, so that all words of a block are aligned in
a few array operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Bools, Ints


@dataclass(frozen=True)
class Overlap:
    """The pieces that overlap each word, as ranges over the kept pieces.

    Attributes:
        kept: Shape (kept,): numbers of the pieces that can belong to a word, in order.
        first: Shape (words,): index in ``kept`` of a word's first piece.
        last: Shape (words,): index in ``kept`` of its last piece; before ``first`` where a word has
            none.
    """

    kept: Ints
    first: Ints
    last: Ints

    @property
    def has_pieces(self) -> Bools:
        """Shape (words,): whether any piece overlaps the word."""
        return np.asarray(self.last >= self.first)


def find_overlap(
    piece_begin: Ints, piece_end: Ints, usable: Bools, word_begin: Ints, word_end: Ints
) -> Overlap:
    """Find the pieces of each word: all that overlap it.

    A piece that straddles two words belongs to both; a piece without text belongs to none.

    Args:
        piece_begin: Shape (pieces,), code points in the common coordinate system.
        piece_end: Shape (pieces,), half-open.
        usable: Shape (pieces,): False for pieces that belong to no word (a bare space sign).
        word_begin: Shape (words,), in order, without overlap.
        word_end: Shape (words,), half-open.
    """
    kept = np.flatnonzero(usable & (piece_end > piece_begin))
    begin, end = piece_begin[kept], piece_end[kept]
    # A normaliser that reorders characters can make offsets step back by one; the ranges need them
    # in order.
    begin = np.minimum.accumulate(begin[::-1])[::-1]
    end = np.maximum.accumulate(end)
    first = np.searchsorted(end, word_begin, side="right")
    last = np.searchsorted(begin, word_end, side="left") - 1
    last[word_begin == word_end] = -1
    return Overlap(kept=kept, first=first, last=np.where(last >= first, last, first - 1))


def count_letters_and_digits(texts: Sequence[str]) -> Ints:
    """Running count of letters and digits over the code points of texts laid end to end.

    Returns:
        Shape (code points + 1,): how many letters and digits stand before each position.
    """
    joined = "".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    flags = np.zeros(len(codes), dtype=np.bool_)
    is_ascii = codes < 128
    flags[is_ascii] = _ASCII_ALNUM[codes[is_ascii]]
    values, inverse = np.unique(codes[~is_ascii], return_inverse=True)
    is_alnum = np.array([chr(value).isalnum() for value in values.tolist()], dtype=np.bool_)
    flags[~is_ascii] = is_alnum[inverse]
    return np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])


_ASCII_ALNUM = np.array([chr(code).isalnum() for code in range(128)])


def find_meaningful(
    overlap: Overlap,
    piece_begin: Ints,
    piece_end: Ints,
    word_begin: Ints,
    word_end: Ints,
    letters: Ints,
) -> Ints:
    """The first piece of each word that holds a letter or digit of it, else its first piece.

    Args:
        overlap: The pieces of each word.
        piece_begin: Shape (pieces,), code points in the common coordinate system.
        piece_end: Shape (pieces,), half-open.
        word_begin: Shape (words,).
        word_end: Shape (words,), half-open.
        letters: ``count_letters_and_digits`` of the texts.

    Returns:
        Shape (words,): index in ``overlap.kept``; meaningless where a word has no piece.
    """
    if not len(overlap.kept):
        return overlap.first
    begin, end = piece_begin[overlap.kept], piece_end[overlap.kept]
    # For each piece the next one, itself included, that holds a letter or digit at all.
    holding = np.where(letters[end] > letters[begin], np.arange(len(begin)), len(begin))
    following = np.append(np.minimum.accumulate(holding[::-1])[::-1], len(begin))
    chosen = overlap.first.copy()
    # A piece may reach over its word and hold letters of another one only: a few at the ends of a
    # word, so a few rounds.
    open_words = np.flatnonzero(overlap.has_pieces)
    while len(open_words):
        chosen[open_words] = following[chosen[open_words]]
        open_words = open_words[chosen[open_words] <= overlap.last[open_words]]
        candidates = chosen[open_words]
        left = np.maximum(begin[candidates], word_begin[open_words])
        right = np.maximum(np.minimum(end[candidates], word_end[open_words]), left)
        open_words = open_words[letters[right] == letters[left]]
        chosen[open_words] += 1
    # A word without such a piece is spoken for by its first.
    return np.where(chosen <= overlap.last, chosen, overlap.first)
