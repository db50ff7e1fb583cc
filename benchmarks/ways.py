"""The ways from texts to vectors that are compared: this library and its peers, on one model
folder.

Every way reads with the same tokenizer and at most 512 pieces, and gives one vector a piece (words,
for this library) or one a text. Its constructor does all that is done once: reading, exporting,
compiling.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

MOST_PIECES = 512
BATCH = 32

Forward = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]


@dataclass(frozen=True)
class Way:
    """One way from texts to vectors.

    Attributes:
        tokens: Texts to what it gives at the level of pieces or words.
        sentences: Texts to one vector each, the mean of those.
        states: Texts to arrays of shape (pieces, dimension), special ones included, to compare
            numbers; None if it hides them.
        computed: How many pieces it has put through the model so far; None if it does not say.
    """

    tokens: Callable[[list[str]], Any]
    sentences: Callable[[list[str]], Any]
    states: Callable[[list[str]], list[NDArray[np.float32]]] | None = None
    computed: Callable[[], int] | None = None


def tokenizer_of(folder: Path) -> Any:  # noqa: ANN401
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def model_of(folder: Path, dtype: torch.dtype = torch.float32) -> Any:  # noqa: ANN401
    from transformers import AutoModel

    return AutoModel.from_pretrained(folder, dtype=dtype, add_pooling_layer=False).eval()


def ids_of(tokenizer: Any, texts: list[str]) -> list[list[int]]:  # noqa: ANN401
    found: list[list[int]] = tokenizer(
        texts, truncation=True, max_length=MOST_PIECES, padding=False
    )["input_ids"]
    return found


def ours(folder: Path, dtype: str) -> Way:
    import nlu_lite as nlu

    pipe = nlu.load(path=folder, task="embed", dtype=dtype, sentences=None)
    tokenizer = tokenizer_of(folder)

    def states(texts: list[str]) -> list[NDArray[np.float32]]:
        """Every piece taken for a word of its own."""
        offsets = tokenizer(texts, return_offsets_mapping=True, add_special_tokens=False)[
            "offset_mapping"
        ]
        spans = dict(zip(texts, offsets, strict=True))
        pieces = nlu.load(
            path=folder, task="embed", dtype=dtype, sentences=None, words=lambda text: spans[text]
        )
        matrix = nlu.vectors(pieces.predict(texts, progress=False))
        return np.split(matrix, np.cumsum([len(one) for one in offsets])[:-1])

    encoder: Any = pipe.components[0].plan.loaded.encoder
    return Way(
        tokens=lambda texts: pipe.predict(texts, output_level="token", progress=False),
        sentences=lambda texts: pipe.encode(texts, progress=False),
        states=states,
        computed=lambda: encoder.tokens,
    )


def one_by_one(folder: Path) -> Way:
    model, tokenizer = model_of(folder), tokenizer_of(folder)

    @torch.inference_mode()
    def states(texts: list[str]) -> list[NDArray[np.float32]]:
        result = []
        for text in texts:
            encoded = tokenizer(
                text, truncation=True, max_length=MOST_PIECES, padding=False, return_tensors="pt"
            )
            result.append(model(**encoded).last_hidden_state[0].numpy())
        return result

    return _by_states(states)


def length_sorted(folder: Path) -> Way:
    model = model_of(folder)

    @torch.inference_mode()
    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        found = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
        return np.asarray(found.last_hidden_state.numpy())

    return _batched(folder, forward)


def hf_pipeline(folder: Path) -> Way:
    from transformers import pipeline

    tokenizer = tokenizer_of(folder)
    pipe: Any = pipeline(
        "feature-extraction", model=model_of(folder), tokenizer=tokenizer, batch_size=BATCH
    )
    settings = {"truncation": True, "max_length": MOST_PIECES}

    def tokens(texts: list[str]) -> list[NDArray[np.float32]]:
        return [
            tensor[0].numpy()
            for tensor in pipe(texts, return_tensors=True, tokenize_kwargs=settings)
        ]

    def sentences(texts: list[str]) -> NDArray[np.float32]:
        # What it gives is padded to the longest of its batch, and does not say where the text ends.
        lengths = [len(ids) for ids in ids_of(tokenizer, texts)]
        return np.stack(
            [states[:length].mean(0) for states, length in zip(tokens(texts), lengths, strict=True)]
        )

    return Way(tokens, sentences)


def sentence_transformers(folder: Path) -> Way:
    library: Any = import_module("sentence_transformers")
    model = library.SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = MOST_PIECES
    quiet = {"batch_size": BATCH, "show_progress_bar": False}

    def tokens(texts: list[str]) -> list[NDArray[np.float32]]:
        found: Any = model.encode(
            texts, output_value="token_embeddings", convert_to_numpy=False, **quiet
        )
        return [tensor.numpy() for tensor in found]

    return Way(tokens, lambda texts: model.encode(texts, **quiet), tokens)


def onnx_runtime(folder: Path) -> Way:
    onnxruntime: Any = import_module("onnxruntime")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as place:
        session = onnxruntime.InferenceSession(
            str(_exported(folder, Path(place))), settings, ["CPUExecutionProvider"]
        )

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {"input_ids": ids, "attention_mask": mask})[0])

    return _batched(folder, forward)


def open_vino(folder: Path, precision: str) -> Way:
    openvino: Any = import_module("openvino")
    example = {
        "input_ids": torch.ones(2, 8, dtype=torch.long),
        "attention_mask": torch.ones(2, 8, dtype=torch.long),
    }
    with torch.inference_mode(), contextlib.redirect_stdout(None):
        model = openvino.convert_model(model_of(folder), example_input=example)
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    compiled = openvino.Core().compile_model(model, "CPU", settings)

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(compiled({"input_ids": ids, "attention_mask": mask})[0])

    return _batched(folder, forward)


def _exported(folder: Path, place: Path) -> Path:
    path = place / "model.onnx"
    axes = {
        0: torch.export.Dim("batch", min=1, max=4096),
        1: torch.export.Dim("length", min=2, max=MOST_PIECES),
    }
    # Two tensors, not one twice: the exporter would take them for one input.
    example = {
        "input_ids": torch.ones(2, 8, dtype=torch.long),
        "attention_mask": torch.ones(2, 8, dtype=torch.long),
    }
    torch.onnx.export(
        model_of(folder),
        (),
        str(path),
        kwargs=example,
        input_names=["input_ids", "attention_mask"],
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        dynamo=True,
        verbose=False,
    )
    return path


def _batched(folder: Path, forward: Forward) -> Way:
    """Batches of 32 sorted by length: the best that a careful user makes of a model with
    padding.
    """
    tokenizer = tokenizer_of(folder)

    def states(texts: list[str]) -> list[NDArray[np.float32]]:
        ids = ids_of(tokenizer, texts)
        lengths = np.array([len(one) for one in ids])
        order = np.argsort(-lengths, kind="stable")
        result: list[Any] = [None] * len(texts)
        for begin in range(0, len(order), BATCH):
            batch = order[begin : begin + BATCH]
            mask = (np.arange(lengths[batch[0]]) < lengths[batch, None]).astype(np.int64)
            padded = np.full(mask.shape, tokenizer.pad_token_id, dtype=np.int64)
            padded[mask == 1] = np.concatenate([ids[number] for number in batch])
            hidden = forward(padded, mask)
            for row, number in enumerate(batch):
                result[number] = hidden[row, : lengths[number]]
        return result

    return _by_states(states)


def _by_states(states: Callable[[list[str]], list[NDArray[np.float32]]]) -> Way:
    return Way(states, lambda texts: np.stack([one.mean(0) for one in states(texts)]), states)


# By name: how it is made, whether it is too slow for more than the smallest size, and its number
# format.
WAYS: dict[str, tuple[Callable[[Path], Way], bool, str]] = {
    "nlu_lite": (lambda folder: ours(folder, "float32"), False, "float32"),
    "nlu_lite bf16": (lambda folder: ours(folder, "bfloat16"), False, "bfloat16"),
    "transformers, one by one": (one_by_one, True, "float32"),
    "transformers, sorted 32": (length_sorted, False, "float32"),
    "HF pipeline 32": (hf_pipeline, True, "float32"),
    "sentence-transformers 32": (sentence_transformers, False, "float32"),
    "ONNX Runtime, sorted 32": (onnx_runtime, False, "float32"),
    "OpenVINO, sorted 32": (lambda folder: open_vino(folder, "f32"), False, "float32"),
    "OpenVINO bf16, sorted 32": (lambda folder: open_vino(folder, "bf16"), False, "bfloat16"),
}


def make(names: Iterable[str], folder: Path) -> tuple[dict[str, Way], dict[str, str]]:
    """The ways of these names that can be had here, and why the others cannot."""
    found, missing = {}, {}
    for name in names:
        try:
            found[name] = WAYS[name][0](folder)
        except ImportError as error:
            missing[name] = str(error)
    return found, missing
