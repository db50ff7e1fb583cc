"""Words -> pieces as Spark NLP's BertEmbeddings cuts them: only a word's first basic piece is read.

Source: Spark NLP's BasicTokenizer, WordpieceEncoder and BertEmbeddings, releases 4 and 5. Java's
16-bit characters are code points here: the rules look at none beyond U+FFFF, and no vocabulary
holds half a character; only the longest piece is counted in UTF-16 units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from nlu_lite.common import Ints, ranges
from nlu_lite.encoder.alignment import Overlap
from nlu_lite.encoder.models.pieces import Pieces
from nlu_lite.encoder.repeats import find_distinct

# Pieces of a sequence with the special ones, where ``max_length`` does not say: maxSentenceLength.
LONGEST = 128
# A longer basic piece, in UTF-16 units, is unknown as a whole.
LONGEST_PIECE = 200
UNKNOWN = "[UNK]"
CONTINUED = "##"

# ASCII punctuation, and what Java's Unicode names "... PUNCTUATION ...": not the common quotes and
# dashes.
_NAMED_PUNCTUATION = (
    r"\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u061e\u0830-\u0835\u0837-\u083e\u085e\u0df4\u16eb-\u16ed"
    r"\u1735\u1736\u1c3b-\u1c3f\u1c7e\u1c7f\u1cc0-\u1cc7\u2008\u2055\u2056\u2058-\u205a"
    r"\u2e2a-\u2e2c\ua4fe\ua4ff\uaa5c-\uaa5f"
)
_CJK = r"\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff"
_ALONE = rf"!-/:-@\[-`{{-~{_NAMED_PUNCTUATION}{_CJK}"
# Java's white space (no-break spaces are none) and the characters that are filtered: controls,
# U+0000, U+FFFD.
_DROPPED = (
    r"\u0000-\u0020\u007f-\u009f\u1680\u2000-\u2006\u2009\u200a\u2028\u2029\u205f\u3000\ufffd"
)
_BASIC = re.compile(f"[{_ALONE}]|[^{_ALONE}{_DROPPED}]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")


def split_basic_pieces(text: str, *, cased: bool) -> Iterator[str]:
    """The pieces that BasicTokenizer finds, one after the other, none empty.

    A punctuation mark and a CJK character are pieces of their own; accents of the block U+0300 to
    U+036F are taken off whether cased or not, and what was composed stays in parts.

    Args:
        text: A word, or any text.
        cased: False also lower-cases.

    Example:
        >>> list(split_basic_pieces("Héroes, don’t!", cased=False))
        ['heroes', ',', 'don’t', '!']
    """
    for match in _BASIC.finditer(text):
        if piece := normalize(match[0], cased=cased):
            yield piece


def normalize(piece: str, *, cased: bool) -> str:
    """A piece without accents, decomposed, and in small letters unless ``cased``.

    Example:
        >>> normalize("Ñandú", cased=True)
        'Nandu'
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", piece))
    return bare if cased else bare.lower()


@dataclass(frozen=True)
class SparkPieces:
    r"""Spark NLP's way from words to pieces of a WordPiece vocabulary.

    Attributes:
        vocabulary: Piece to id; holds ``[UNK]``.
        cased: Whether case is kept.

    Example:
        >>> spark = SparkPieces({"[UNK]": 0, "won": 1, "un": 2, "##able": 3}, cased=False)
        >>> [spark.encode_word(word) for word in ("won't", "Unable", "able", "\u0301")]
        [[1], [2, 3], [0], []]
    """

    vocabulary: Mapping[str, int]
    cased: bool

    def __call__(
        self, sentences: Sequence[str], word_sentence: Ints, word_begin: Ints, word_end: Ints
    ) -> tuple[Pieces, Overlap]:
        """The pieces of sentences, and which of them are whose.

        Args:
            sentences: Texts without lone surrogates.
            word_sentence: Shape (words,), in order: number of the sentence that a word is in.
            word_begin: Shape (words,): code point in the sentence where it begins.
            word_end: Shape (words,): where it ends, half-open.

        Returns:
            Pieces, each with the offsets of its whole word; the first of a word speaks for it. A
            word that is only accents, control characters and the like has none.
        """
        spans = zip(word_sentence.tolist(), word_begin.tolist(), word_end.tolist(), strict=True)
        distinct, number = find_distinct(
            sentences[sentence][begin:end] for sentence, begin, end in spans
        )
        word_ids = [self.encode_word(word) for word in distinct]
        id_starts = np.concatenate([[0], np.cumsum([len(ids) for ids in word_ids], dtype=np.int64)])
        counts = np.diff(id_starts)[number]
        flat = np.array(list(chain.from_iterable(word_ids)), dtype=np.int64)
        ids = flat[ranges(id_starts[number], counts)]
        sentence_counts = np.zeros(len(sentences), dtype=np.int64)
        np.add.at(sentence_counts, word_sentence, counts)
        pieces = Pieces(
            ids=ids,
            begin=np.repeat(word_begin, counts),
            end=np.repeat(word_end, counts),
            starts=np.concatenate([[0], np.cumsum(sentence_counts)]),
        )
        after = np.cumsum(counts)
        return pieces, Overlap(kept=np.arange(len(ids)), first=after - counts, last=after - 1)

    def encode_word(self, word: str) -> list[int]:
        """The ids that stand for a word: those of its first basic piece."""
        text = word if self.cased else word.lower()
        first = next(split_basic_pieces(text, cased=self.cased), None)
        return [] if first is None else self.encode_basic_piece(first)

    def encode_basic_piece(self, piece: str) -> list[int]:
        """The longest entries of the vocabulary from the left; unknown if they do not cover it.

        Args:
            piece: From ``split_basic_pieces``.
        """
        unknown = [self.vocabulary[UNKNOWN]]
        if len(piece.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_PIECE:
            return unknown
        ids: list[int] = []
        begin = 0
        while begin < len(piece):
            prefix = CONTINUED if begin else ""
            ends = range(len(piece), begin, -1)
            end = next((end for end in ends if prefix + piece[begin:end] in self.vocabulary), None)
            if end is None:
                return unknown
            ids.append(self.vocabulary[prefix + piece[begin:end]])
            begin = end
        return ids
