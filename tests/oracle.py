"""Word vectors the slow way: one text at a time, plain loops, a direct forward of the transformers model.

Written from the rules (docs/architecture.md), not from the package's code, of which it uses nothing.
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
    places = [place for place, flag in enumerate(with_specials.special_tokens_mask) if not flag]
    return with_specials.ids[: places[0]], with_specials.ids[places[-1] + 1 :]


@torch.inference_mode()
def hidden_states(folder: Path, ids: list[int]) -> list[np.ndarray]:
    """All layers of one sequence, each of shape (pieces, dimension), without any padding."""
    output = model_of(folder)(
        input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), output_hidden_states=True
    )
    return [state[0].numpy() for state in output.hidden_states]


def words_of_sentence(
    folder: Path, sentence: str, words: list[tuple[int, int]], *, pooling: str = "first", longest: int, layer: int = -1
) -> list[np.ndarray | None]:
    """One vector a word of one sentence; words are half-open spans of code points."""
    tokenizer = tokenizer_of(folder)
    prefix, suffix = special_pieces(tokenizer)
    readable = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in sentence)
    encoding = tokenizer.encode(readable, add_special_tokens=False)
    room = longest - len(prefix) - len(suffix)
    windows = window_ranges(len(encoding.ids), room, room // 4)
    states = [hidden_states(folder, prefix + encoding.ids[begin:end] + suffix)[layer] for begin, end in windows]

    def vector(piece: int, window: int) -> np.ndarray:
        return states[window][piece - windows[window][0] + len(prefix)]

    result: list[np.ndarray | None] = []
    for begin, end in words:
        pieces = [
            number
            for number, (left, right) in enumerate(encoding.offsets)
            if left < end and right > begin and right > left and not (encoding.tokens[number] == "▁" and readable[left] != "▁")
        ]
        if not pieces:
            result.append(None)
            continue
        chosen = pick(pieces, encoding.offsets, readable, begin, end, pooling)
        whole = best_window(windows, len(encoding.ids), pieces[0], pieces[-1])
        if whole is None:
            vectors = [vector(piece, best_window(windows, len(encoding.ids), piece, piece)) for piece in chosen]
        else:
            vectors = [vector(piece, whole) for piece in chosen]
        result.append(np.max(vectors, axis=0) if pooling == "max" else np.mean(vectors, axis=0))
    return result


def pick(pieces, offsets, text, begin, end, pooling):
    if pooling == "last":
        return [pieces[-1]]
    if pooling in ("mean", "max"):
        return pieces
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
    """The window in which pieces first to last stand furthest from an edge; the text's own ends are no edges."""
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
