"""Word vectors the slow way: one text at a time, plain loops, a direct forward of the transformers
model.

Written from the rules (docs/architecture.md), not from the package's code, of which it uses
nothing.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, T5EncoderModel


@functools.lru_cache(maxsize=16)
def model_of(folder: Path):
    of_t5 = AutoConfig.from_pretrained(folder).model_type == "t5"
    return (T5EncoderModel if of_t5 else AutoModel).from_pretrained(folder).eval()


@functools.lru_cache(maxsize=16)
def tokenizer_of(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def special_pieces(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    with_specials = tokenizer.encode("a b")
    positions = [
        position for position, flag in enumerate(with_specials.special_tokens_mask) if not flag
    ]
    return with_specials.ids[: positions[0]], with_specials.ids[positions[-1] + 1 :]


@torch.inference_mode()
def hidden_states(folder: Path, ids: list[int]) -> list[np.ndarray]:
    """All layers of one sequence, each of shape (pieces, dimension), without any padding."""
    output = model_of(folder)(
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        output_hidden_states=True,
    )
    return [state[0].numpy() for state in output.hidden_states]


def joined_layers(
    folder: Path, ids: list[int], layers: tuple[int, ...], layer_pooling: str
) -> np.ndarray:
    """The wanted layers of one sequence, joined piece by piece."""
    states = hidden_states(folder, ids)
    chosen = [states[layer] for layer in layers]
    if layer_pooling == "concat":
        return np.concatenate(chosen, axis=1)
    return sum(chosen) if layer_pooling == "sum" else sum(chosen) / len(chosen)


def readable(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def words_of_sentence(
    folder: Path,
    sentence: str,
    words: list[tuple[int, int]],
    *,
    pooling: str = "first",
    longest: int,
    overlap: int | None = None,
    cut: bool = False,
    layers: tuple[int, ...] = (-1,),
    layer_pooling: str = "mean",
) -> list[np.ndarray | None]:
    """One vector a word of one sentence; words are half-open spans of code points."""
    tokenizer = tokenizer_of(folder)
    prefix, suffix = special_pieces(tokenizer)
    text = readable(sentence)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    room = longest - len(prefix) - len(suffix)
    count = min(len(encoding.ids), room) if cut else len(encoding.ids)
    windows = window_ranges(count, room, room // 4 if overlap is None else overlap)
    states = [
        joined_layers(folder, prefix + encoding.ids[begin:end] + suffix, layers, layer_pooling)
        for begin, end in windows
    ]

    def vector(piece: int, window: int) -> np.ndarray:
        return states[window][piece - windows[window][0] + len(prefix)]

    result: list[np.ndarray | None] = []
    for begin, end in words:
        pieces = [
            number
            for number, (left, right) in enumerate(encoding.offsets)
            if left < end
            and right > begin
            and right > left
            and not (encoding.tokens[number] == "▁" and text[left] != "▁")
        ]
        chosen = [
            piece
            for piece in pick(pieces, encoding.offsets, text, begin, end, pooling)
            if piece < count
        ]
        if not chosen:
            result.append(None)
            continue
        whole = best_window(windows, count, pieces[0], pieces[-1])
        if whole is None:
            vectors = [vector(piece, best_window(windows, count, piece, piece)) for piece in chosen]
        else:
            vectors = [vector(piece, whole) for piece in chosen]
        result.append(np.max(vectors, axis=0) if pooling == "max" else np.mean(vectors, axis=0))
    return result


def text_vector(
    folder: Path,
    text: str,
    *,
    pooling: str = "mean",
    longest: int,
    normalize: bool = False,
    cut: bool = False,
) -> np.ndarray:
    """The vector of a whole text as sentence-transformers makes it; of a longer one the mean over
    windows, by pieces."""
    tokenizer = tokenizer_of(folder)
    prefix, suffix = special_pieces(tokenizer)
    ids = tokenizer.encode(readable(text), add_special_tokens=False).ids
    room = longest - len(prefix) - len(suffix)
    windows = window_ranges(min(len(ids), room) if cut else len(ids), room, room // 4)
    states = [hidden_states(folder, prefix + ids[begin:end] + suffix)[-1] for begin, end in windows]
    if pooling == "cls":
        vector = states[0][0]
    elif pooling == "last":
        vector = states[-1][-1]
    elif pooling == "max":
        vector = np.max([state.max(axis=0) for state in states], axis=0)
    else:
        vector = np.average(
            [state.mean(axis=0) for state in states],
            axis=0,
            weights=[end - begin for begin, end in windows],
        )
    return vector / np.linalg.norm(vector) if normalize else vector


def pick(pieces, offsets, text, begin, end, pooling):
    if not pieces or pooling in ("mean", "max"):
        return pieces
    if pooling == "last":
        return [pieces[-1]]
    for piece in pieces:
        left, right = offsets[piece]
        if any(char.isalnum() for char in text[max(left, begin) : min(right, end)]):
            return [piece]
    return [pieces[0]]


def window_ranges(count: int, room: int, overlap: int) -> list[tuple[int, int]]:
    ranges = [(0, min(room, count))]
    while ranges[-1][1] < count:
        begin = ranges[-1][0] + room - overlap
        if begin + room >= count:
            begin = count - room
        ranges.append((begin, begin + room))
    return ranges


def best_window(windows, count, first, last) -> int | None:
    """The window in which pieces first to last stand furthest from an edge; the text's own ends are
    no edges."""
    best, best_margin = None, -1.0
    for number, (begin, end) in enumerate(windows):
        if begin <= first and last < end:
            margin = min(
                first - begin if begin > 0 else float("inf"),
                end - 1 - last if end < count else float("inf"),
            )
            if margin > best_margin:
                best, best_margin = number, margin
    return best
