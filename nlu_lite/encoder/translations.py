"""Texts -> texts of another language, in parts that fit the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.encoder.backends.sequences import Sequences
from nlu_lite.encoder.backends.translate import TranslationTokenizer, Translator
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.repeats import find_distinct

# Texts that are translated between two reports of progress.
BLOCK = 256


@dataclass(frozen=True)
class Translations:
    """One translation a text.

    Attributes:
        texts: The translations.
        pieces: Shape (texts,): pieces of the text, special ones not counted.
        windows: Shape (texts,): parts it was translated in.
    """

    texts: tuple[str, ...]
    pieces: Ints
    windows: Ints


def translate_texts(
    plan: Plan, texts: Sequence[str], *, progress: Callable[[int], object]
) -> Translations:
    """Translate texts, equal ones once; a text longer than the model takes in parts.

    Args:
        plan: Of a component whose encoder is a ``Translator``.
        texts: Without lone surrogates.
        progress: Called with the number of texts done.
    """
    distinct, number = find_distinct(texts)
    translator = plan.loaded.encoder
    assert isinstance(translator, Translator), "read for this task"
    translated: list[str] = []
    pieces: list[int] = []
    windows: list[int] = []
    for begin in range(0, len(distinct), BLOCK):
        block = distinct[begin : begin + BLOCK]
        parts = [_cut(plan, translator.tokenizer, text) for text in block]
        results = iter(translator.translate(_join(translator.tokenizer, plan.prompt, parts)))
        for text_parts in parts:
            translated.append(" ".join(next(results) for _ in text_parts).strip())
            pieces.append(sum(map(len, text_parts)))
            windows.append(len(text_parts))
        is_translated = (number >= begin) & (number < begin + len(block))
        progress(int(is_translated.sum()))
    return Translations(
        texts=tuple(translated[index] for index in number.tolist()),
        pieces=np.array(pieces, dtype=np.int64)[number],
        windows=np.array(windows, dtype=np.int64)[number],
    )


def _cut(plan: Plan, tokenizer: TranslationTokenizer, text: str) -> list[Ints]:
    """The pieces of a text in parts that fit the model, about equally long; at least one part."""
    code = f"{plan.prompt} " if plan.prompt else ""
    # Read behind the code, as transformers reads it; the code itself is one piece.
    ids = tokenizer([code + text]).ids[1 if code else 0 :]
    if plan.room is None:
        return [ids]
    room = plan.room - (1 if code else 0)
    if plan.options.long == "cut":
        return [ids[:room]]
    return np.array_split(ids, max(-(-len(ids) // room), 1))


def _join(tokenizer: TranslationTokenizer, prompt: str, parts: Sequence[list[Ints]]) -> Sequences:
    """All parts of all texts as sequences, the code in front and the end behind each."""
    code = tokenizer([prompt]).ids if prompt else np.zeros(0, dtype=np.int64)
    rows = [np.concatenate([code, part, tokenizer.suffix]) for text in parts for part in text]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Sequences(ids=np.concatenate(rows).astype(np.int64), starts=starts)
