"""Texts that break offsets, words, alignment or memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

import numpy as np

import nlu_lite as nlu
from nlu_lite.text.words import standard_words
from tests.faults.case import RIGHT, Group, Room
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import POSITIONS

GROUP = Group("text")
COLUMN = "bert_embeddings"
MILLION = 1_000_000


def sound(room: Room, texts: list[str], **options: object) -> None:
    """Rows are the words of the texts, offsets slice back, vectors are there, finite, and those of
    a direct forward."""
    pipe = nlu.load(path=room.model, sentences=None, **options)
    frame = pipe.predict(texts, positions=True)
    words = [
        (number, begin, end)
        for number, text in enumerate(texts)
        for begin, end in standard_words(text) or [(None, None)]
    ]
    assert frame.index.tolist() == [number for number, _, _ in words]
    cells = frame[COLUMN].tolist()
    for token, first, last, cell, (number, begin, end) in zip(
        frame["token"], frame["begin"].tolist(), frame["end"].tolist(), cells, words, strict=True
    ):
        if begin is None:
            assert cell is None
        else:
            assert (first, last + 1, token) == (begin, end, texts[number][begin:end])
    position = 0
    for text in texts:
        spans = standard_words(text)
        wanted = (
            oracle.words_of_sentence(room.model, text, spans, longest=POSITIONS)
            if spans
            else [None]
        )
        found = cells[position : position + len(wanted)]
        position += len(wanted)
        assert [cell is None for cell in found] == [cell is None for cell in wanted]
        if some := [cell for cell in wanted if cell is not None]:
            assert_equal(np.stack([cell for cell in found if cell is not None]), np.stack(some))


def of(*texts: str) -> Callable[[Room], None]:
    return lambda room: sound(room, list(texts))


def plane(number: int) -> list[str]:
    """Every sixteenth code point of a plane, in texts of 64, with and without spaces between."""
    points = [chr(point) for point in range(number << 16, (number + 1) << 16, 16)]
    parts = [points[begin : begin + 64] for begin in range(0, len(points), 64)]
    return [("" if place % 2 else " ").join(part) for place, part in enumerate(parts)]


def of_category(*names: str) -> list[str]:
    found = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) in names]
    return [
        "".join(f"a{char}b {char} " for char in found[begin : begin + 40])
        for begin in range(0, len(found), 40)
    ]


GROUP.add(
    "every Unicode plane",
    [lambda room, number=number: sound(room, plane(number)) for number in range(17)],
    RIGHT,
    slow=True,
    seconds=60,
)
GROUP.add(
    "control, format, bidirectional and separator characters, each of them",
    [
        lambda room, name=name: sound(room, of_category(name))
        for name in ("Cc", "Cf", "Zs", "Zl", "Zp")
    ],
    RIGHT,
)
GROUP.add(
    "lone surrogates",
    [
        of("lone \ud800 a\udc00b \udbff\udbff \udfff", "\udc00\ud800", "\ud800" * 300),
        of(*["x\ud83d y", "\ude00"]),
    ],
    RIGHT,
)
GROUP.add("NUL", [of("a\0b \0 \0\0", "\0" * 500, "\0 word"), of("\0")], RIGHT)
GROUP.add(
    "overrides of direction, zero width, variation, a thousand marks on one letter",
    of("\u202eabc\u202c \u2067שלום\u2069 \u200f.", "a\u200b\u200c\u200d\ufeffb", "❤\ufe0f\ufe0e", "e" + "\u0301" * 1000, "👩" + "\u200d👩" * 200),
    RIGHT,
)  # fmt: skip
GROUP.add(
    "the names of special pieces in the text",
    of("[CLS] [SEP] [PAD] [MASK] [UNK]", "[SEP]" * 100, "##ing [unused1] <s> </s>"),
    RIGHT,
)
GROUP.add("nothing, blanks, one character", of("", " ", "\t\n\u3000", "a", ".", "\u200b"), RIGHT)


def alone(room: Room, data: object, **options: object) -> tuple[object, list[object]]:
    """The frame of data, and its cells, all of them checked to be finite."""
    pipe = nlu.load(path=room.model, **options)
    frame = pipe.predict(data, positions=True, metadata=True, progress=False)
    cells = frame[COLUMN].tolist()
    assert all(np.isfinite(cell).all() for cell in cells if cell is not None)
    return frame, cells


def first_window(room: Room, text: str, count: int) -> np.ndarray:
    """The vector of the first piece of a text of one repeated piece: of its own, or unknown.

    A run of more than 100 letters is one unknown piece for WordPiece, and one for each part that it
    is tokenised in, where it is too long to be tokenised whole.
    """
    tokenizer = oracle.tokenizer_of(room.model)
    prefix, suffix = oracle.special_pieces(tokenizer)
    ids = tokenizer.encode(text[:400], add_special_tokens=False).ids
    room_of_text = POSITIONS - len(prefix) - len(suffix)
    window = (ids * room_of_text)[: min(room_of_text, count)]
    return oracle.hidden_states(room.model, prefix + window + suffix)[-1][len(prefix)]


def one_word(unit: str) -> Callable[[Room], None]:
    def attempt(room: Room) -> None:
        text = unit * (10 * MILLION // len(unit))
        frame, cells = alone(room, text)
        assert frame["begin"].iloc[0] == 0
        assert frame["end"].iloc[-1] == len(text) - 1
        count = int(frame.filter(like="piece_count").iloc[:, 0].sum())
        assert count > 1
        assert_equal(cells[0], first_window(room, text, count))

    return attempt


def repeated(sentence: bool, words: Iterable[str] = "abc") -> Callable[[Room], None]:
    """A million words of one character; those in the middle of the text all have the same
    neighbours."""

    def attempt(room: Room) -> None:
        words_of_three = list(words)
        text = " ".join((words_of_three * (MILLION // 3 + 1))[:MILLION])
        frame, cells = alone(room, text, **({"sentences": None} if sentence else {}))
        assert len(frame) == MILLION
        assert frame["token"].iloc[-1] == words_of_three[(MILLION - 1) % 3]
        assert frame["end"].iloc[-1] == len(text) - 1
        short = " ".join((words_of_three * 300)[:900])
        wanted = oracle.words_of_sentence(
            room.model, short, standard_words(short), longest=POSITIONS
        )
        assert_equal(np.stack(cells[:600]), np.stack(wanted[:600]))
        # Windows begin every 45 pieces, which is a multiple of three.
        assert_equal(np.stack(cells[450_000:450_045]), np.stack(wanted[450:495]))

    return attempt


SLOW = {"slow": True, "seconds": 400, "most_mb": 2500}
GROUP.add("10 MB without a space", [one_word("x"), one_word("ab")], RIGHT, **SLOW)
GROUP.add("10 MB of commas and digits without a space", one_word("1,"), RIGHT, **SLOW)
GROUP.add("a million words of one character, in one sentence", repeated(True), RIGHT, **SLOW)
GROUP.add(
    "a million words of one character, wherever sentences end", repeated(False), RIGHT, **SLOW
)


@GROUP.case("a million words, split already", RIGHT, **SLOW)
def _(room: Room) -> None:
    words = (["a", "b", "c"] * (MILLION // 3 + 1))[:MILLION]
    frame, cells = alone(room, [words])
    assert len(frame) == MILLION
    wanted = oracle.words_of_sentence(
        room.model, "a b c " * 300, standard_words("a b c " * 300), longest=POSITIONS
    )
    assert_equal(np.stack(cells[:600]), np.stack(wanted[:600]))


@GROUP.case("10 MB of blanks, of line breaks, of full stops", RIGHT, **SLOW)
def _(room: Room) -> None:
    for unit in (" ", "\n", "\u200b"):
        frame, _ = alone(room, unit * (10 * MILLION))
        assert len(frame) == 1
    frame, _ = alone(room, "a. " * 100_000)
    assert len(frame) == 200_000
