"""Texts -> pieces: a copy of a model's tokenizer that never cuts, never pads and never changes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from nlu_lite.common import Bools, Ints, ranges
from nlu_lite.encoder.models.vocabulary import read_tokenizer
from nlu_lite.errors import ModelError, NluLiteError
from nlu_lite.options import Spans
from nlu_lite.weights import REPAIR_HINT

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


# The tokenizer keeps about 600 bytes a piece while it works, so texts go in by parts, and parts by
# calls of bounded size.
PART_LENGTH = 16_384
CALL_LENGTH = 262_144
# A tokenizer that knows less than half of the ids that the model was trained with was not made for
# it.
FEWEST_ENTRIES = 0.5

# Some of it is in no vocabulary: what has no piece for the unknown fails here, and not in the
# middle of somebody's work.
_RARE = "ꙮ 𓀀 \u0e5b \ua66e\U00012000"

BARE_SPACE_SIGN = "\u2581"


@dataclass(frozen=True)
class Pieces:
    """The pieces of several texts, laid end to end, without special ones.

    Attributes:
        ids: Shape (pieces,): vocabulary ids.
        begin: Shape (pieces,): code point in the piece's text where it begins.
        end: Shape (pieces,): where it ends, half-open.
        starts: Shape (texts + 1,): first piece of each text, and the number of pieces.
    """

    ids: Ints
    begin: Ints
    end: Ints
    starts: Ints

    def select_runs(self, begins: Ints, lengths: Ints) -> Pieces:
        """Runs of the pieces, each run a text of its own.

        Args:
            begins: Shape (runs,): number of each run's first piece.
            lengths: Shape (runs,): pieces of each run.
        """
        numbers = ranges(begins, lengths)
        return Pieces(
            ids=self.ids[numbers],
            begin=self.begin[numbers],
            end=self.end[numbers],
            starts=np.concatenate([[0], np.cumsum(lengths)]),
        )


@dataclass(frozen=True)
class PairSpecials:
    """What stands around and between two texts that are read at once.

    Attributes:
        ids: The special pieces in front of the first, between the two, and behind the second.
        types: Which part of the sequence each of these is in (``token_type_ids``).
        text_types: Which part the two texts are.
    """

    ids: tuple[tuple[int, ...], ...]
    types: tuple[tuple[int, ...], ...]
    text_types: tuple[int, int]

    @property
    def count(self) -> int:
        """How many special pieces."""
        return sum(map(len, self.ids))


class PieceTokenizer:
    """A tokenizer from text to pieces with offsets, and the special pieces around a sequence.

    Args:
        tokenizer: Taken over and changed: truncation and padding are removed once, here.

    Attributes:
        prefix: Ids of the special pieces in front of a sequence.
        suffix: Ids of those behind it.
        pad_id: The id for padding.
        unknown_id: The id of the unknown piece; None if the vocabulary has none.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        encoding = tokenizer.encode("a")
        around, inner = encoding.ids, tokenizer.encode("a", add_special_tokens=False).ids
        begin = _find_run(around, inner)
        if begin is None or not inner:
            raise ModelError(
                f"The tokenizer turns 'a' into {inner}, with special pieces into {around}; that is "
                f"not usable."
            )
        end = begin + len(inner)
        self.prefix: tuple[int, ...] = tuple(around[:begin])
        self.suffix: tuple[int, ...] = tuple(around[end:])
        # The part of the sequence of each special piece, and between them that of the text.
        self._types = [*encoding.type_ids[:begin], *encoding.type_ids[end - 1 :]]
        self.pad_id = _find_id(tokenizer, ("[PAD]", "<pad>")) or 0
        self.unknown_id = _find_id(tokenizer, ("[UNK]", "<unk>"))
        self._bare_space = tokenizer.token_to_id(BARE_SPACE_SIGN)

    @property
    def size(self) -> int:
        """One more than the largest id in the vocabulary."""
        return max(self._tokenizer.get_vocab().values(), default=-1) + 1

    @property
    def specials(self) -> int:
        """How many special pieces stand around a sequence."""
        return len(self.prefix) + len(self.suffix)

    def __call__(self, texts: Sequence[str]) -> Pieces:
        """Cut texts into pieces.

        A text of more than ``PART_LENGTH`` code points is tokenised in parts that begin at white
        space, which gives the same pieces; a longer run without white space is cut where it must
        be.

        Args:
            texts: Texts without lone surrogates.
        """
        owners: list[int] = []
        ids = [np.zeros(0, dtype=np.int64)]
        spans = [np.zeros((0, 2), dtype=np.int64)]
        for call in _make_calls(texts):
            parts = [part for _, _, part in call]
            encodings: list[Any] = self._tokenizer.encode_batch(parts, add_special_tokens=False)
            for (owner, offset, _), encoding in zip(call, encodings, strict=True):
                owners.append(owner)
                ids.append(np.array(encoding.ids, dtype=np.int64))
                spans.append(np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2) + offset)
        counts = np.zeros(len(texts), dtype=np.int64)
        np.add.at(counts, owners, [len(part) for part in ids[1:]])
        begin_and_end = np.concatenate(spans)
        return Pieces(
            ids=np.concatenate(ids),
            begin=begin_and_end[:, 0].copy(),
            end=begin_and_end[:, 1].copy(),
            starts=np.concatenate([[0], np.cumsum(counts)]),
        )

    def split_words(self, text: str) -> Spans:
        """The words that the tokenizer itself cuts a text into before it looks for pieces.

        Args:
            text: Without lone surrogates.

        Returns:
            Half-open spans in code points, as the tokenizer has them: some take in the space before
            the word.
        """
        words: list[tuple[int, int]] = []
        for offset, part in _split_into_parts(text):
            encoding = self._tokenizer.encode(part, add_special_tokens=False)
            pieces = zip(encoding.word_ids, encoding.offsets, strict=True)
            for _, group in itertools.groupby(pieces, key=itemgetter(0)):
                spans = [span for _, span in group if span[0] < span[1]]
                if spans:
                    begins, ends = zip(*spans, strict=True)
                    words.append((offset + min(begins), offset + max(ends)))
        return words

    def types(self, lengths: Ints) -> Ints:
        """Which part of its sequence each token is in (``token_type_ids`` of transformers).

        Args:
            lengths: Shape (sequences,): tokens of each, the special ones counted.

        Returns:
            Shape (tokens,).
        """
        front, rear = len(self.prefix), len(self.suffix)
        from_begin, from_end = ranges(np.zeros_like(lengths), lengths), ranges(-lengths, lengths)
        types = np.full(len(from_begin), self._types[front], dtype=np.int64)
        for special in range(front):
            types[from_begin == special] = self._types[special]
        for special in range(rear):
            types[from_end == special - rear] = self._types[front + 1 + special]
        return types

    @cached_property
    def pair(self) -> PairSpecials:
        """What stands around and between two texts that are read at once.

        Raises:
            ModelError: The tokenizer does not say, or says nothing that can be used.
        """
        encoding = self._tokenizer.encode("a", "b")
        ids, types = encoding.ids, encoding.type_ids
        first_ids = self._tokenizer.encode("a", add_special_tokens=False).ids
        second_ids = self._tokenizer.encode("b", add_special_tokens=False).ids
        first = _find_run(ids, first_ids)
        first_end = 0 if first is None else first + len(first_ids)
        second = _find_run(ids, second_ids, first_end)
        if first is None or second is None or second == first_end:
            raise ModelError(
                "The tokenizer does not say what stands between two texts that are read at once."
            )
        second_end = second + len(second_ids)
        parts = (slice(0, first), slice(first_end, second), slice(second_end, None))
        return PairSpecials(
            ids=tuple(tuple(ids[part]) for part in parts),
            types=tuple(tuple(types[part]) for part in parts),
            text_types=(types[first], types[second]),
        )

    @property
    def lowercases(self) -> bool:
        """Whether it lower-cases before it looks for pieces."""
        normalizer = self._tokenizer.normalizer
        return normalizer is not None and bool(
            normalizer.normalize_str("THE") == normalizer.normalize_str("the")
        )

    def lowercased(self) -> PieceTokenizer:
        """A tokenizer that lower-cases texts first; itself where one of its own rules does.

        Source: the module Transformer of sentence-transformers 6.2 (``do_lower_case``).
        """
        rules = json.loads(self._tokenizer.to_str())
        normalizer = rules["normalizer"] or {"type": "Sequence", "normalizers": []}
        steps = normalizer["normalizers"] if normalizer["type"] == "Sequence" else [normalizer]
        if any(step["type"] == "Lowercase" for step in steps):
            return self
        rules["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, *steps]}
        return PieceTokenizer(Tokenizer.from_str(json.dumps(rules)))

    def read_wordpiece_vocabulary(self) -> dict[str, int] | None:
        """Piece to id, where pieces are BERT's.

        That is WordPiece with ``[UNK]``, between ``[CLS]`` and ``[SEP]``; None for other kinds.
        """
        model = self._tokenizer.model
        if not isinstance(model, WordPiece) or model.continuing_subword_prefix != "##":
            return None
        begin, end = (self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
        if (self.prefix, self.suffix) != ((begin,), (end,)):
            return None
        vocabulary = self._tokenizer.get_vocab(with_added_tokens=False)
        return vocabulary if "[UNK]" in vocabulary else None

    def equals(self, tokenizer: PieceTokenizer) -> bool:
        """Whether another tokenizer has the same rules."""
        return self is tokenizer or bool(self._tokenizer.to_str() == tokenizer._tokenizer.to_str())

    def is_bare_space(self, pieces: Pieces) -> Bools:
        """Shape (pieces,): whether a piece is SentencePiece's space sign and nothing else.

        Such a piece belongs to no word.
        """
        if self._bare_space is None:
            return np.zeros(len(pieces.ids), dtype=np.bool_)
        return np.asarray(pieces.ids == self._bare_space)


def _find_run(ids: list[int], run: list[int], start: int = 0) -> int | None:
    """Where a run of ids begins in others, from ``start`` on; None if it is not there."""
    begins = range(start, len(ids))
    return next((begin for begin in begins if ids[begin : begin + len(run)] == run), None)


def _find_id(tokenizer: Tokenizer, names: tuple[str, ...]) -> int | None:
    """The id of the first of some pieces that the vocabulary has; None if it has none of them."""
    ids = map(tokenizer.token_to_id, names)
    return next((number for number in ids if number is not None), None)


def _make_calls(texts: Sequence[str]) -> Iterator[list[tuple[int, int, str]]]:
    """Parts (number of the text, offset in it, part) in calls of bounded size."""
    call: list[tuple[int, int, str]] = []
    length = 0
    for owner, text in enumerate(texts):
        for offset, part in _split_into_parts(text):
            if call and length + len(part) > CALL_LENGTH:
                yield call
                call, length = [], 0
            call.append((owner, offset, part))
            length += len(part)
    if call:
        yield call


def _split_into_parts(text: str) -> Iterator[tuple[int, str]]:
    """Parts of a text with their offsets in it, in code points."""
    start = 0
    while len(text) - start > PART_LENGTH:
        end = _find_last_white_space(text, start + 1, start + PART_LENGTH)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _find_last_white_space(text: str, begin: int, end: int) -> int:
    """Where the last run of white space in ``text[begin:end]`` begins; ``end`` if there is none."""
    for position in range(end - 1, begin - 1, -1):
        if text[position].isspace() and not text[position - 1].isspace():
            return position
    return end


def load_tokenizer(folder: Path, entry: Entry, *, vocabulary_size: int | None) -> PieceTokenizer:
    """Read the tokenizer of a model folder.

    Args:
        folder: The model's folder.
        entry: Says which kind of tokenizer it is where the folder does not.
        vocabulary_size: How many ids the model has vectors for; None if its configuration does not
            say.

    Raises:
        ModelError: There are no usable files, or the tokenizer was not made for this model.
    """
    library_tokenizer = read_tokenizer(folder, entry)
    try:
        tokenizer = PieceTokenizer(library_tokenizer)
        library_tokenizer.encode(_RARE)
    except NluLiteError:
        raise
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(
            f"The tokenizer in {folder} cannot cut text into pieces: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    if vocabulary_size is None:
        return tokenizer
    # A special piece has a number of its own in the file, which need not be in the vocabulary.
    size = max(tokenizer.size, *(piece + 1 for piece in (*tokenizer.prefix, *tokenizer.suffix, 0)))
    if not FEWEST_ENTRIES * vocabulary_size <= size <= vocabulary_size:
        raise ModelError(
            f"The tokenizer in {folder} has {size} entries, the model's vocabulary "
            f"{vocabulary_size}: they do not belong together, and vectors would be wrong without a "
            "word. Compare the folder's tokenizer files with its config.json."
        )
    return tokenizer
