"""This library and its peers on one model and the same texts, in one run, in turns.

    python benchmarks/peers.py

Read the ratios, not the seconds: on a machine that does other things too, methods that are timed in
turns suffer alike. Every time is the median over the rounds, every ratio the median of the ratios
within a round, with the least and the greatest in brackets; where 1 lies between them the two are
tied. GFLOP/s count the pieces that the texts have, not the padding, and are set against what the
machine's own matrix product reaches between the rounds. docs/performance.md says more.
"""

from __future__ import annotations

import argparse
import shutil
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
from numpy.typing import NDArray

# A script finds only what lies beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import sentences, sentences_of_length
from benchmarks.methods import RECIPES, Method, build_methods, ids_of, tokenizer_of

BASE = "sentence-transformers 32"
RIVALS = {
    "nlu_lite": "OpenVINO, sorted 32",
    "nlu_lite bf16": "OpenVINO bf16, sorted 32",
}
Lengths = NDArray[np.int64]
LEVELS = ("tokens", "sentences")


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT, for counting its floating-point operations."""

    layers: int
    hidden: int
    inner: int

    def operations(self, lengths: Lengths) -> float:
        """Of the matrix products for sequences of these lengths, attention's among them."""
        linear = lengths.sum() * (8 * self.hidden**2 + 4 * self.hidden * self.inner)
        attention = 4.0 * self.hidden * (lengths.astype(float) ** 2).sum()
        return float(self.layers * (linear + attention))


class Race:
    """Times of methods that were run in turns.

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

    def ratio(self, name: str, rival: str) -> str:
        """How many times as fast a method is as its rival, and whether they are tied."""
        rounds = zip(self.times[name], self.times[rival], strict=True)
        ratios = [seconds_of_rival / seconds for seconds, seconds_of_rival in rounds]
        least, greatest = min(ratios), max(ratios)
        tie = " tie" if name != rival and least <= 1 <= greatest else ""
        return f"{statistics.median(ratios):5.2f} [{least:.2f} {greatest:.2f}]{tie}"


@dataclass(frozen=True)
class Setting:
    """What all measurements of a run share.

    Attributes:
        shape: Of the model.
        rounds: How often every method is run.
        clock: What tells the time: seconds.
    """

    shape: Shape
    rounds: int
    clock: Callable[[], float]


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(0)
    warnings.simplefilter("ignore")
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    with model_folder(arguments.model) as (folder, shape):
        setting = Setting(shape, arguments.rounds, clock)
        tokenizer = tokenizer_of(folder)
        methods, missing = build_methods(arguments.methods, folder)
        print(
            f"{arguments.model}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
            f"{arguments.rounds} rounds"
        )
        for name, reason in missing.items():
            print(f"missing: {name} ({reason})")
        compare_numbers(methods, sentences(100))
        for size in arguments.sizes:
            texts = sentences(size)
            if len(texts) < size:
                print(f"\nthere are no more than {len(texts)} distinct sentences")
            is_large = size > min(arguments.sizes)
            contestants = quick_methods(methods) if is_large else methods
            lengths = np.array([len(ids) for ids in ids_of(tokenizer, texts)])
            for level in arguments.levels:
                report(level, contestants, texts, lengths, setting)
        for pieces in arguments.pieces:
            texts = sentences_of_length(tokenizer, min(arguments.sizes), pieces)
            lengths = np.array([len(ids) for ids in ids_of(tokenizer, texts)])
            for level in arguments.levels:
                report(level, methods, texts, lengths, setting)
        if "nlu_lite" in methods and len(arguments.sizes) > 1:
            report_growth(methods["nlu_lite"], tokenizer, arguments.sizes, setting)


def quick_methods(methods: dict[str, Method]) -> dict[str, Method]:
    """Those that are not too slow for many texts."""
    return {name: method for name, method in methods.items() if not RECIPES[name].is_slow}


def report(
    level: str, methods: dict[str, Method], texts: list[str], lengths: Lengths, setting: Setting
) -> None:
    """Run the methods in turns and print a table."""
    race, rates = run_race(level, methods, texts, lengths, setting)
    print(
        f"\n{level}: {len(texts)} sentences, {lengths.sum()} pieces ({lengths.mean():.1f} a "
        f"sentence); the machine's matrix product {rates['float32']:.0f} GFLOP/s in float32, "
        f"{rates['bfloat16']:.0f} in bfloat16"
    )
    base = BASE if BASE in methods else next(iter(methods))
    print(
        f"{'':26}{'seconds':>9}{'sent./s':>9}{'GFLOP/s':>9}{'of machine':>12}   as fast as {base}"
    )
    for name in sorted(methods, key=race.median):
        seconds = race.median(name)
        speed = setting.shape.operations(lengths) / seconds / 1e9
        share = speed / rates[RECIPES[name].dtype]
        print(
            f"{name:26}{seconds:9.2f}{len(texts) / seconds:9.0f}{speed:9.0f}{share:11.0%}    "
            f"{race.ratio(name, base)}"
        )
    for name, rival in RIVALS.items():
        if name in methods and rival in methods:
            print(f"{name} is as fast as {rival}: {race.ratio(name, rival)}")


def run_race(
    level: str, methods: dict[str, Method], texts: list[str], lengths: Lengths, setting: Setting
) -> tuple[Race, dict[str, float]]:
    """The times of the methods, and GFLOP/s of the machine's matrix product by number format."""
    race = Race(setting.clock)
    rates: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    for method in methods.values():
        getattr(method, level)(texts[:64])
    for number in range(setting.rounds):
        for name in list(methods)[:: 1 if number % 2 else -1]:
            run_once(race, name, methods[name], level, texts, lengths)
        for dtype, rates_of_rounds in rates.items():
            rates_of_rounds.append(
                matrix_product(getattr(torch, dtype), setting.shape, setting.clock)
            )
    return race, {dtype: statistics.median(values) for dtype, values in rates.items()}


def run_once(
    race: Race, name: str, method: Method, level: str, texts: list[str], lengths: Lengths
) -> None:
    """Time a method, and hold it to the pieces that the texts have where it counts its own."""
    work = partial(getattr(method, level), texts)
    if method.computed is None:
        race.time(name, work)
        return
    before = method.computed()
    race.time(name, work)
    computed = method.computed() - before
    assert computed == lengths.sum(), f"{name} computed {computed} pieces of {lengths.sum()}"


def report_growth(method: Method, tokenizer: Any, sizes: list[int], setting: Setting) -> None:  # noqa: ANN401
    """Print how the time grows with the pieces, and what texts cost that all appear twice."""
    race = Race(setting.clock)
    small, large = sentences(min(sizes)), sentences(max(sizes))
    pieces = [sum(map(len, ids_of(tokenizer, texts))) for texts in (small, large)]
    for _ in range(setting.rounds):
        race.time("small", lambda: method.tokens(small))
        race.time("large", lambda: method.tokens(large))
        race.time("twice", lambda: method.tokens(small + small))
    print(
        f"\nnlu_lite, tokens: {pieces[1] / pieces[0]:.2f} times the pieces take "
        f"{race.median('large') / race.median('small'):.2f} times as long"
    )
    print(
        f"every text twice takes {race.median('twice') / race.median('small') / 2:.2f} of the time "
        f"of as many distinct ones"
    )


def compare_numbers(methods: dict[str, Method], texts: list[str]) -> None:
    """Print how far each method's vectors are from those of the plain model.

    Special pieces are left out.
    """
    plain = methods.get("transformers, one by one")
    if plain is None or plain.states is None:
        return
    expected = np.concatenate([states[1:-1] for states in plain.states(texts)])
    for name, method in methods.items():
        if method.states is None or method is plain:
            continue
        parts = method.states(texts)
        if not name.startswith("nlu_lite"):
            parts = [states[1:-1] for states in parts]
        vectors = np.concatenate(parts).astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(expected, axis=1)
        cosine = (vectors * expected).sum(1) / lengths
        print(
            f"{name:26} greatest difference {np.abs(vectors - expected).max():.1e}, least cosine "
            f"{cosine.min():.5f}"
        )
        assert cosine.min() > 0.99, f"{name} does not compute this model: its times mean nothing"


def matrix_product(
    dtype: torch.dtype, shape: Shape, clock: Callable[[], float], *, seconds: float = 0.3
) -> float:
    """GFLOP/s of the fastest product of a layer's shape that torch offers here."""
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
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name_of_file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(minilm / name_of_file, folder / name_of_file)
        transformers.BertModel(transformers.BertConfig(**size)).save_pretrained(folder)
        yield folder, Shape(12, 256, 1024)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", choices=["minilm", "L12_H256_A4"], default="minilm")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 3000, 10_000], help="numbers of sentences"
    )
    parser.add_argument(
        "--pieces",
        type=int,
        nargs="*",
        default=[],
        metavar="COUNT",
        help="measure as many sentences as the smallest of --sizes, each of COUNT pieces, as well",
    )
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--rounds", type=int, default=5)
    names = list(RECIPES)
    parser.add_argument(
        "--methods", nargs="+", choices=names, default=names, metavar="METHOD", help=f"of {names}"
    )
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor time, for one thread on a busy machine",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
