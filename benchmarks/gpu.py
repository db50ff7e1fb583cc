"""This library on a CUDA device: the numbers of transformers, then its speed beside its peers.

    python benchmarks/gpu.py

Reads in float32, bfloat16 and float16, MiniLM or what ``--path`` names. Peers run with the batch
sizes of ``--batches``, and each is shown with the one that suits it best. All of it takes about
four minutes. Without a CUDA device it says so and ends with code 2.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

# A script finds only what lies beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus import sentences

DTYPES = ("float32", "bfloat16", "float16")
# Least cosine of a word's vector with that of transformers in float32, and greatest difference.
LEAST_COSINES = {"float32": 0.99999, "bfloat16": 0.99, "float16": 0.999}
COMPARED = 200

Work = Callable[[list[str]], Any]


def main() -> None:
    arguments = parse_arguments()
    if not torch.cuda.is_available():
        print("There is no CUDA device on this machine: nothing was measured.")
        sys.exit(2)
    cuda: Any = torch.cuda
    print(f"{cuda.get_device_name()}, torch {torch.__version__}, {arguments.rounds} rounds")
    folder = find_folder(arguments.path)
    texts = sentences(arguments.size)
    expected = [states[1:-1] for states in run_plain(folder, "float32", texts[:COMPARED])]
    for dtype in DTYPES:
        compare_numbers(folder, dtype, texts[:COMPARED], expected)
    for dtype in DTYPES:
        print(f"\n{dtype}: {len(texts)} sentences, a vector each")
        for name, speed in measure_all(folder, dtype, texts, arguments).items():
            print(f"{name:34}{speed:10.0f} sentences/s")


def find_folder(path: Path | None) -> Path:
    """The folder of the model that is measured."""
    import nlu_lite as nlu

    if path is not None:
        return path
    folder: Path = nlu.load("en.embed.minilm_l6").components[0].folder
    return folder


def load_plain(folder: Path, dtype: str) -> tuple[Any, Any]:
    """The tokenizer and the model of transformers, with its fused attention."""
    transformers: Any = import_module("transformers")
    model = transformers.AutoModel.from_pretrained(
        folder, dtype=getattr(torch, dtype), attn_implementation="sdpa", add_pooling_layer=False
    )
    return transformers.AutoTokenizer.from_pretrained(folder), model.eval().to("cuda")


@torch.inference_mode()
def run_plain(folder: Path, dtype: str, texts: list[str]) -> list[Any]:
    """Of each text the states of its pieces, special ones included: each text alone."""
    tokenizer, model = load_plain(folder, dtype)
    return [
        model(**tokenizer(text, return_tensors="pt").to("cuda"))
        .last_hidden_state[0]
        .float()
        .cpu()
        .numpy()
        for text in texts
    ]


def compare_numbers(folder: Path, dtype: str, texts: list[str], expected: list[Any]) -> None:
    """Print how far every piece's vector is from that of transformers in float32."""
    import nlu_lite as nlu

    tokenizer, _ = load_plain(folder, dtype)
    encoding = tokenizer(texts, return_offsets_mapping=True, add_special_tokens=False)
    spans = dict(zip(texts, encoding["offset_mapping"], strict=True))
    pipe = nlu.load(
        path=folder,
        task="embed",
        dtype=dtype,
        device="cuda",
        sentences=None,
        words=lambda text: spans[text],
    )
    vectors, right = nlu.vectors(pipe.predict(texts, progress=False)), np.concatenate(expected)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(right, axis=1)
    cosine = ((vectors * right).sum(axis=1) / lengths).min()
    difference = np.abs(vectors - right).max()
    print(f"{dtype:9} greatest difference {difference:.1e}, least cosine {cosine:.6f}")
    assert cosine >= LEAST_COSINES[dtype], f"{dtype} does not compute this model"


def measure_all(
    folder: Path, dtype: str, texts: list[str], arguments: argparse.Namespace
) -> dict[str, float]:
    """Sentences a second of each method; of peers with the batch size that suits them best."""
    speeds = {"nlu_lite": measure(make_ours(folder, dtype), texts, arguments.rounds)}
    for name, make in (("sentence-transformers", make_sentences), ("transformers", make_plain)):
        rates = {
            batch: measure(make(folder, dtype, batch), texts, arguments.rounds)
            for batch in arguments.batches
        }
        best = max(rates, key=lambda batch, rates=rates: rates[batch])  # type: ignore[misc]
        speeds[f"{name}, batches of {best}"] = rates[best]
    return speeds


def measure(work: Work, texts: list[str], rounds: int) -> float:
    """Sentences a second, the median of some rounds behind one that warms up."""
    cuda: Any = torch.cuda
    work(texts)
    seconds = []
    for _ in range(rounds):
        cuda.synchronize()
        begin = time.perf_counter()
        work(texts)
        cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return len(texts) / statistics.median(seconds)


def make_ours(folder: Path, dtype: str) -> Work:
    """This library, one vector a sentence."""
    import nlu_lite as nlu

    pipe = nlu.load(path=folder, task="embed", dtype=dtype, device="cuda", sentences=None)
    return lambda texts: pipe.encode(texts, progress=False)


def make_sentences(folder: Path, dtype: str, batch: int) -> Work:
    """sentence-transformers, which sorts by length by itself."""
    library: Any = import_module("sentence_transformers")
    model = library.SentenceTransformer(
        str(folder), device="cuda", model_kwargs={"dtype": getattr(torch, dtype)}
    )
    return lambda texts: model.encode(texts, batch_size=batch, show_progress_bar=False)


def make_plain(folder: Path, dtype: str, batch: int) -> Work:
    """transformers, sorted by length, the mean of the states that are no padding."""
    tokenizer, model = load_plain(folder, dtype)

    @torch.inference_mode()
    def encode(texts: list[str]) -> Any:  # noqa: ANN401 - an array
        order = np.argsort([-len(text) for text in texts])
        made = []
        for begin in range(0, len(texts), batch):
            part = [texts[number] for number in order[begin : begin + batch]]
            inputs = tokenizer(part, padding=True, truncation=True, return_tensors="pt").to("cuda")
            states = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][..., None]
            made.append(((states * mask).sum(1) / mask.sum(1)).float().cpu().numpy())
        vectors = np.concatenate(made)
        result = np.empty_like(vectors)
        result[order] = vectors
        return result

    return encode


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--path", type=Path, help="a folder of a BERT; MiniLM if left out")
    parser.add_argument("--size", type=int, default=20_000, help="number of sentences")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 128, 512])
    return parser.parse_args()


if __name__ == "__main__":
    main()
