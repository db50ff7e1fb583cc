"""This library and its peers on one model and the same texts, in one run, interleaved: ``python
benchmarks/peers.py``.

Read the ratios, not the seconds: on a machine that does other things too, ways that are timed in
turns suffer alike. Every time is the median over the rounds, every ratio the median of the ratios
within a round, with the least and the greatest in brackets; where 1 lies between them the two are
tied. GFLOP/s count the pieces that the texts have, not the padding, and are set against what the
machine's own matrix product reaches between the rounds. docs/performance.md says more.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(
    0, str(Path(__file__).resolve().parents[1])
)  # a script finds only what lies beside it

from benchmarks.corpus import sentences
from benchmarks.ways import WAYS, Way, ids_of, make, tokenizer_of

BASE = "sentence-transformers 32"
LEVELS = ("tokens", "sentences")


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT, for counting its floating-point operations."""

    layers: int
    hidden: int
    inner: int

    def operations(self, lengths: np.ndarray) -> float:
        """Of the matrix products for sequences of these lengths, attention's among them."""
        linear = lengths.sum() * (8 * self.hidden**2 + 4 * self.hidden * self.inner)
        attention = 4.0 * self.hidden * (lengths.astype(float) ** 2).sum()
        return float(self.layers * (linear + attention))


class Race:
    """Times of ways that were run in turns.

    Args:
        clock: What tells the time: seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.times: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], Any]) -> None:
        """Do work once and note how long it took."""
        begin = self._clock()
        work()
        self.times.setdefault(name, []).append(self._clock() - begin)

    def median(self, name: str) -> float:
        """In seconds."""
        return statistics.median(self.times[name])

    def ratio(self, name: str, other: str) -> str:
        """How many times as fast one is as another, and whether they are tied."""
        ratios = [b / a for a, b in zip(self.times[name], self.times[other], strict=True)]
        tied = " tie" if name != other and min(ratios) <= 1 <= max(ratios) else ""
        return f"{statistics.median(ratios):5.2f} [{min(ratios):.2f} {max(ratios):.2f}]{tied}"


def main() -> None:
    arguments = parsed()
    torch.manual_seed(0)
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    warnings.simplefilter("ignore")
    with model_folder(arguments.model) as (folder, shape):
        tokenizer = tokenizer_of(folder)
        ways, missing = make(arguments.ways, folder)
        print(
            f"{arguments.model}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
            f"{arguments.rounds} rounds"
        )
        for name, reason in missing.items():
            print(f"missing: {name} ({reason})")
        compare_numbers(ways, sentences(100))
        for size in arguments.sizes:
            texts = sentences(size)
            lengths = np.array([len(ids) for ids in ids_of(tokenizer, texts)])
            if len(texts) < size:
                print(f"\nthere are no more than {len(texts)} distinct sentences")
            for level in arguments.levels:
                some = {
                    name: way
                    for name, way in ways.items()
                    if size == min(arguments.sizes) or not WAYS[name][1]
                }
                report(level, some, texts, lengths, shape, rounds=arguments.rounds, clock=clock)
        if "nlu_lite" in ways and len(arguments.sizes) > 1:
            growth(
                ways["nlu_lite"], tokenizer, arguments.sizes, rounds=arguments.rounds, clock=clock
            )


def report(
    level: str,
    ways: dict[str, Way],
    texts: list[str],
    lengths: np.ndarray,
    shape: Shape,
    *,
    rounds: int,
    clock: Callable[[], float],
) -> None:
    """Run the ways in turns and print a table."""
    race = Race(clock)
    machine: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    for way in ways.values():
        getattr(way, level)(texts[:64])
    for number in range(rounds):
        for name, way in list(ways.items())[:: 1 if number % 2 else -1]:
            before = way.computed() if way.computed else 0
            race.time(name, partial(getattr(way, level), texts))
            if way.computed:
                computed = way.computed() - before
                assert computed == lengths.sum(), (
                    f"{name} computed {computed} pieces of {lengths.sum()}"
                )
        for kind, rates in machine.items():
            rates.append(matrix_product(getattr(torch, kind), shape, clock))
    rate = {kind: statistics.median(rates) for kind, rates in machine.items()}
    print(
        f"\n{level}: {len(texts)} sentences, {lengths.sum()} pieces ({lengths.mean():.1f} a "
        f"sentence); the machine's matrix "
        f"product {rate['float32']:.0f} GFLOP/s in float32, {rate['bfloat16']:.0f} in bfloat16"
    )
    base = BASE if BASE in ways else next(iter(ways))
    print(
        f"{'':26}{'seconds':>9}{'sent./s':>9}{'GFLOP/s':>9}{'of machine':>12}   as fast as {base}"
    )
    for name in sorted(ways, key=race.median):
        seconds = race.median(name)
        speed = shape.operations(lengths) / seconds / 1e9
        share = speed / rate[WAYS[name][2]]
        print(
            f"{name:26}{seconds:9.2f}{len(texts) / seconds:9.0f}{speed:9.0f}{share:11.0%}    "
            f"{race.ratio(name, base)}"
        )
    for one, other in (
        ("nlu_lite", "OpenVINO, sorted 32"),
        ("nlu_lite bf16", "OpenVINO bf16, sorted 32"),
    ):
        if one in ways and other in ways:
            print(f"{one} is as fast as {other}: {race.ratio(one, other)}")


def growth(
    way: Way, tokenizer: Any, sizes: list[int], *, rounds: int, clock: Callable[[], float]
) -> None:
    """Print how the time grows with the pieces, and what a column costs in which every text appears
    twice.
    """
    race = Race(clock)
    small, large = sentences(min(sizes)), sentences(max(sizes))
    pieces = [sum(map(len, ids_of(tokenizer, texts))) for texts in (small, large)]
    for _ in range(rounds):
        race.time("small", lambda: way.tokens(small))
        race.time("large", lambda: way.tokens(large))
        race.time("twice", lambda: way.tokens(small + small))
    more = pieces[1] / pieces[0]
    print(
        f"\nnlu_lite, tokens: {more:.2f} times the pieces take "
        f"{race.median('large') / race.median('small'):.2f} times as long"
    )
    print(
        f"every text twice takes {race.median('twice') / race.median('small') / 2:.2f} of the time "
        f"of as many distinct ones"
    )


def compare_numbers(ways: dict[str, Way], texts: list[str]) -> None:
    """Print how far each way's vectors are from those of the plain model; special pieces are left
    out.
    """
    plain = ways.get("transformers, one by one")
    if plain is None or plain.states is None:
        return
    wanted = np.concatenate([states[1:-1] for states in plain.states(texts)])
    for name, way in ways.items():
        if way.states is None or way is plain:
            continue
        parts = way.states(texts)
        found = np.concatenate(
            parts if name.startswith("nlu_lite") else [states[1:-1] for states in parts]
        ).astype(np.float32)
        cosine = (
            (found * wanted).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(wanted, axis=1)
        )
        print(
            f"{name:26} greatest difference {np.abs(found - wanted).max():.1e}, least cosine "
            f"{cosine.min():.5f}"
        )
        assert cosine.min() > 0.99, f"{name} does not compute this model: its times mean nothing"


def matrix_product(
    dtype: torch.dtype, shape: Shape, clock: Callable[[], float], *, seconds: float = 0.3
) -> float:
    """GFLOP/s of the fastest product of a layer's shape that torch offers here, nothing around
    it.
    """
    states = torch.randn(4096, shape.hidden).to(dtype)
    weight = torch.randn(shape.inner, shape.hidden).to(dtype)
    products: list[Callable[[], torch.Tensor]] = [
        lambda: torch.nn.functional.linear(states, weight)
    ]
    operators: Any = torch.ops.mkldnn
    if hasattr(operators, "_linear_pointwise"):
        packed = operators._reorder_linear_weight(weight)
        products.append(lambda: operators._linear_pointwise(states, packed, None, "none", [], ""))
    rates = []
    for product in products:
        product()
        begin, count = clock(), 0
        while clock() - begin < seconds / len(products):
            product()
            count += 1
        rates.append(count * 2 * states.numel() * shape.inner / (clock() - begin) / 1e9)
    return max(rates)


@contextmanager
def model_folder(name: str) -> Iterator[tuple[Path, Shape]]:
    """MiniLM, or random weights of the shape of the seed's own model with MiniLM's tokenizer."""
    import nlu_lite as nlu

    transformers: Any = import_module("transformers")

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    minilm = nlu.load("en.embed.minilm_l6").components[0].folder
    if name == "minilm":
        yield minilm, Shape(6, 384, 1536)
        return
    size = {
        "num_hidden_layers": 12,
        "hidden_size": 256,
        "num_attention_heads": 4,
        "intermediate_size": 1024,
    }
    with tempfile.TemporaryDirectory() as place:
        for file in ("tokenizer.json", "tokenizer_config.json"):
            (Path(place) / file).write_bytes((minilm / file).read_bytes())
        transformers.BertModel(transformers.BertConfig(**size)).save_pretrained(place)
        yield Path(place), Shape(12, 256, 1024)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", choices=["minilm", "L12_H256_A4"], default="minilm")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 3000, 10_000], help="numbers of sentences"
    )
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--ways",
        nargs="+",
        choices=list(WAYS),
        default=list(WAYS),
        metavar="WAY",
        help=f"of {list(WAYS)}",
    )
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor time, for one thread on a busy machine",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
