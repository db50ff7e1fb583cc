"""Texts -> pieces: a copy of a model's tokenizer that never cuts, never pads and never changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import Unigram, WordPiece

from nlu_lite.common import Bools, Ints, ranges
from nlu_lite.encoder.models.parts import Part, PartRules, encode_long_text, make_part, read_spans
from nlu_lite.encoder.models.probe import find_probe, find_text
from nlu_lite.encoder.models.tokenizer_trial import refuse_other_ids, refuse_other_size
from nlu_lite.encoder.models.vocabulary import read_tokenizer_objects
from nlu_lite.errors import ModelError, NluLiteError, brief
from nlu_lite.options import Spans
from nlu_lite.weights import REPAIR_HINT

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


# The tokenizer keeps about 600 bytes a piece while it works, so texts go in by parts, and parts by
# calls of bounded size.
PART_LENGTH = 16_384
CALL_LENGTH = 262_144
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
        unknown_id: As the attribute.
        pad_id: As the attribute.
        vocabulary_size: How many ids the model has vectors for, where the tokenizer has more; a
            text with one of these is refused.

    Attributes:
        prefix: Ids of the special pieces in front of a sequence.
        suffix: Ids of those behind it.
        pad_id: The id for padding.
        unknown_id: The id of the unknown piece; None if the vocabulary has none.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        unknown_id: int | None = None,
        pad_id: int = 0,
        vocabulary_size: int | None = None,
    ) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._probe = find_probe(tokenizer)
        encoding = tokenizer.encode(self._probe)
        begin, end = find_text(encoding, 0)
        self.prefix: tuple[int, ...] = tuple(encoding.ids[:begin])
        self.suffix: tuple[int, ...] = tuple(encoding.ids[end:])
        # The part of the sequence of each special piece, and between them that of the text.
        self._types = [*encoding.type_ids[:begin], *encoding.type_ids[end - 1 :]]
        self.pad_id = pad_id
        self.unknown_id = unknown_id
        self._vocabulary_size = vocabulary_size
        self._bare_space = tokenizer.token_to_id(BARE_SPACE_SIGN)

    @property
    def size(self) -> int:
        """One more than the largest id in the vocabulary."""
        return _count_entries(self._tokenizer)

    @property
    def specials(self) -> int:
        """How many special pieces stand around a sequence."""
        return len(self.prefix) + len(self.suffix)

    def __call__(self, texts: Sequence[str]) -> Pieces:
        """Cut texts into pieces.

        A text of more than ``PART_LENGTH`` code points is tokenised in parts that overlap, which
        gives the pieces of the whole text.

        Args:
            texts: Texts without lone surrogates.

        Raises:
            ModelError: A text has a piece that the model has no vector for.
        """
        pieces = self._read(texts)
        if self._vocabulary_size is not None:
            self._refuse_beyond(pieces, texts, self._vocabulary_size)
        return pieces

    def _read(self, texts: Sequence[str]) -> Pieces:
        ids = [np.zeros(0, dtype=np.int64)]
        spans = [np.zeros((0, 2), dtype=np.int64)]
        for call in _make_calls(texts):
            for part_ids, part_spans in self._read_call(call):
                ids.append(part_ids)
                spans.append(part_spans)
        counts = np.array([len(part) for part in ids[1:]], dtype=np.int64)
        begin_and_end = np.concatenate(spans)
        del spans
        return Pieces(
            ids=np.concatenate(ids),
            begin=begin_and_end[:, 0].copy(),
            end=begin_and_end[:, 1].copy(),
            starts=np.concatenate([[0], np.cumsum(counts)]),
        )

    def _read_call(self, texts: list[str]) -> Iterator[tuple[Ints, Ints]]:
        """Ids, shape (pieces,), and offsets, shape (pieces, 2), of each text of a call."""
        if len(texts[0]) > PART_LENGTH:
            part = self._read_long(texts[0])
            yield part.ids, part.spans
            return
        for encoding in self._encode_batch(texts):
            yield np.array(encoding.ids, dtype=np.int64), read_spans(encoding)

    def _read_long(self, text: str) -> Part:
        # Unigram adds up the weights of pieces from the begin of a word. Where that is decides the
        # last digits of the sums, and these between ways to cut it that are equally good.
        at_words = isinstance(self._tokenizer.model, Unigram)
        rules = PartRules(part=PART_LENGTH, call=CALL_LENGTH, at_words=at_words)
        return encode_long_text(text, self._encode_batch, rules)

    def _encode_batch(self, texts: list[str]) -> list[Any]:
        encodings: list[Any] = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return encodings

    def encode_with_specials(self, text: str) -> list[int]:
        """The ids of a sequence of one text, those that the model has no vectors for included."""
        return [*self.prefix, *self._read([text]).ids.tolist(), *self.suffix]

    def _refuse_beyond(self, pieces: Pieces, texts: Sequence[str], size: int) -> None:
        beyond = np.flatnonzero(pieces.ids >= size)
        if not len(beyond):
            return
        piece = int(pieces.ids[beyond[0]])
        owner = int(np.searchsorted(pieces.starts, beyond[0], side="right")) - 1
        raise ModelError(
            f"The text {brief(texts[owner])} has the piece "
            f"{brief(self._tokenizer.id_to_token(piece))}, number {piece} of the tokenizer; the "
            f"model has vectors for {size} pieces only, numbered from 0. Leave such texts out, or "
            f"give the model vectors of it (resize_token_embeddings of transformers, and training)."
        )

    def split_words(self, text: str) -> Spans:
        """The words that the tokenizer itself cuts a text into before it looks for pieces.

        Args:
            text: Without lone surrogates.

        Returns:
            Half-open spans in code points, as the tokenizer has them: some take in the space before
            the word.
        """
        if len(text) > PART_LENGTH:
            part = self._read_long(text)
        else:
            part = make_part(self._encode_batch([text])[0], 0, len(text))
        is_wide = part.spans[:, 0] < part.spans[:, 1]
        spans = part.spans[is_wide]
        if not len(spans):
            return []
        numbers = np.cumsum(part.begins_word)[is_wide]
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        begins = np.minimum.reduceat(spans[:, 0], firsts)
        ends = np.maximum.reduceat(spans[:, 1], firsts)
        return list(zip(begins.tolist(), ends.tolist(), strict=True))

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
        encoding = self._tokenizer.encode(self._probe, self._probe)
        ids, types = encoding.ids, encoding.type_ids
        first, first_end = find_text(encoding, 0)
        second, second_end = find_text(encoding, 1)
        if not first < first_end < second < second_end:
            raise ModelError(
                "The tokenizer does not say what stands between two texts that are read at once."
            )
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


def _make_calls(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in calls of bounded size; a long one has a call of its own."""
    call: list[str] = []
    length = 0
    for text in texts:
        is_long = len(text) > PART_LENGTH
        if call and (is_long or length + len(text) > CALL_LENGTH):
            yield call
            call, length = [], 0
        if is_long:
            yield [text]
            continue
        call.append(text)
        length += len(text)
    if call:
        yield call


def _count_entries(tokenizer: Tokenizer) -> int:
    """One more than the largest id in the vocabulary."""
    return max(tokenizer.get_vocab().values(), default=-1) + 1


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
    read = read_tokenizer_objects(folder, entry)
    try:
        size = _count_entries(read.backend)
        embeddings = size if vocabulary_size is None else vocabulary_size
        pad_id = read.find_special("pad_token")
        tokenizer = PieceTokenizer(
            read.backend,
            unknown_id=read.find_special("unk_token"),
            pad_id=0 if pad_id is None or pad_id >= embeddings else pad_id,
            vocabulary_size=embeddings if size > embeddings else None,
        )
        read.backend.encode(_RARE)
        if read.library is not None:
            refuse_other_ids(folder, tokenizer.encode_with_specials, read.library)
    except NluLiteError:
        raise
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(
            f"The tokenizer in {folder} cannot cut text into pieces: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    if vocabulary_size is not None:
        specials = (*tokenizer.prefix, *tokenizer.suffix)
        refuse_other_size(folder, size, specials, vocabulary_size)
    return tokenizer
