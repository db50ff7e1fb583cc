"""How far a text's vectors move with what must not matter: the batch, the order of the texts, the
number of threads.

python -m tests.helpers.drift     prints the largest drift of each architecture, as docs/numbers.md
has it
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

import nlu_lite as nlu
from nlu_lite.pipeline import Pipeline
from tests.helpers.equal import TOLERANCE, distances
from tests.helpers.families import CORPUS, FAMILIES, OTHERS

GROUPS = (1, 2, 5, 17)
THREADS = (1, 2, 4)


def texts_of(corpus: list[str], count: int = 36) -> list[str]:
    """Runs of a corpus' words, 1 to 120 words long, always the same ones."""
    chance = random.Random(3)
    words = " ".join(corpus).split()
    starts = chance.sample(range(len(words) - 120), count)
    lengths = [min(int(2 ** chance.uniform(0, 7)), 120) for _ in range(count)]
    return [
        " ".join(words[start : start + length])
        for start, length in zip(starts, lengths, strict=True)
    ]


def by_text(pipe: Pipeline, texts: list[str]) -> list[np.ndarray]:
    """The matrix of each text's word vectors."""
    frame = pipe.predict(texts, output_level="token")
    return np.split(
        nlu.vectors(frame), np.cumsum(np.bincount(frame.index, minlength=len(texts)))[:-1]
    )


def in_groups(pipe: Pipeline, texts: list[str]) -> Iterator[np.ndarray]:
    """The texts in calls of other sizes."""
    for size in GROUPS:
        groups = [
            by_text(pipe, texts[start : start + size]) for start in range(0, len(texts), size)
        ]
        yield np.concatenate([matrix for group in groups for matrix in group])


def in_other_orders(pipe: Pipeline, texts: list[str]) -> Iterator[np.ndarray]:
    """The texts backwards, and shuffled."""
    for seed in (None, 1, 2):
        order = list(range(len(texts)))[::-1]
        if seed is not None:
            random.Random(seed).shuffle(order)
        vectors = dict(zip(order, by_text(pipe, [texts[start] for start in order]), strict=True))
        yield np.concatenate([vectors[start] for start in range(len(texts))])


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def with_threads(pipe: Pipeline, texts: list[str]) -> Iterator[np.ndarray]:
    """All texts with several numbers of threads."""
    for count in THREADS:
        with threads(count):
            yield np.concatenate(by_text(pipe, texts))


WAYS: dict[str, Callable[[Pipeline, list[str]], Iterator[np.ndarray]]] = {
    "batch": in_groups,
    "order": in_other_orders,
    "threads": with_threads,
}


def drift(pipe: Pipeline, texts: list[str], variation: str) -> float:
    """The largest distance of any word's vector from the one of a plain call, in the units of
    ``tests.helpers.equal``."""
    plain = np.concatenate(by_text(pipe, texts))
    assert len(plain), "nothing to compare"
    return max(float(distances(vectors, plain).max()) for vectors in WAYS[variation](pipe, texts))


def main() -> None:
    from tests.conftest import WEIGHTS, pipeline_at
    from tests.helpers import families

    pipes = {}
    with tempfile.TemporaryDirectory() as folder:
        for family in (*FAMILIES, *OTHERS):
            folder_of_model = families.make(Path(folder) / family, family)
            facts = {"architecture": family} if family in OTHERS else {}
            pipes[f"{family}, tiny, random weights"] = (
                pipeline_at(folder_of_model, facts=facts),
                texts_of(CORPUS),
            )
        pipes["bert, MiniLM, 6 layers of 384"] = (nlu.load("en.embed.minilm_l6"), texts_of(CORPUS))
        for name, parts in REAL.items():
            if (WEIGHTS / parts).is_dir():
                facts = (
                    {"architecture": name.split(",")[0], "tokenizer": "wordpiece"}
                    if "albert" in name
                    else {}
                )
                pipes[name] = (pipeline_at(WEIGHTS / parts, facts=facts), texts_of(CORPUS))
        sys.stdout.write(
            f"| architecture | kernel | {' | '.join(WAYS)} |\n|---|---|{'---|' * len(WAYS)}\n"
        )
        for name, (pipe, texts) in pipes.items():
            kernel = (
                type(pipe.components[0].plan.loaded.encoder)
                .__name__.removesuffix("Encoder")
                .lower()
            )
            vectors = [drift(pipe, texts, variation) for variation in WAYS]
            assert max(vectors) <= TOLERANCE, (name, vectors)
            sys.stdout.write(
                f"| {name} | {kernel} | {' | '.join(f'{value:.1e}' for value in vectors)} |\n"
            )


REAL = {
    "bert, 12 layers of 256, real": "rxnfp/models/transformers/bert_ft_10k_25s",
    "albert, 12 layers, real": "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k",
}

if __name__ == "__main__":
    main()
