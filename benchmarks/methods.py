"""The methods from texts to vectors that are compared: this library and its peers, on one model.

Every method reads with the same tokenizer and at most 512 pieces, and gives one vector a piece
(words, for this library) or one a text. Its constructor does all that is done once: reading,
exporting, compiling.
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
class Method:
    """One method from texts to vectors.

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
    encoding = tokenizer(texts, truncation=True, max_length=MOST_PIECES, padding=False)
    return list(encoding["input_ids"])


def nlu_lite(folder: Path, dtype: str) -> Method:
    import nlu_lite as nlu

    pipe = nlu.load(path=folder, task="embed", dtype=dtype, sentences=None)
    tokenizer = tokenizer_of(folder)

    def states(texts: list[str]) -> list[NDArray[np.float32]]:
        """Every piece taken for a word of its own."""
        encoding = tokenizer(texts, return_offsets_mapping=True, add_special_tokens=False)
        spans = dict(zip(texts, encoding["offset_mapping"], strict=True))
        pieces = nlu.load(
            path=folder, task="embed", dtype=dtype, sentences=None, words=lambda text: spans[text]
        )
        matrix = nlu.vectors(pieces.predict(texts, progress=False))
        counts = [len(spans[text]) for text in texts]
        return np.split(matrix, np.cumsum(counts)[:-1])

    encoder: Any = pipe.components[0].plan.loaded.encoder
    return Method(
        tokens=lambda texts: pipe.predict(texts, output_level="token", progress=False),
        sentences=lambda texts: pipe.encode(texts, progress=False),
        states=states,
        computed=lambda: encoder.tokens,
    )


def one_by_one(folder: Path) -> Method:
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


def length_sorted(folder: Path) -> Method:
    model = model_of(folder)

    @torch.inference_mode()
    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        output = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
        return np.asarray(output.last_hidden_state.numpy())

    return _batched(folder, forward)


def hf_pipeline(folder: Path) -> Method:
    from transformers import pipeline

    tokenizer = tokenizer_of(folder)
    pipe: Any = pipeline(
        "feature-extraction", model=model_of(folder), tokenizer=tokenizer, batch_size=BATCH
    )
    settings = {"truncation": True, "max_length": MOST_PIECES}

    def tokens(texts: list[str]) -> list[NDArray[np.float32]]:
        tensors = pipe(texts, return_tensors=True, tokenize_kwargs=settings)
        return [tensor[0].numpy() for tensor in tensors]

    def sentences(texts: list[str]) -> NDArray[np.float32]:
        # What it gives is padded to the longest of its batch, and does not say where the text ends.
        lengths = [len(ids) for ids in ids_of(tokenizer, texts)]
        padded = zip(tokens(texts), lengths, strict=True)
        return np.stack([states[:length].mean(0) for states, length in padded])

    return Method(tokens, sentences)


def sentence_transformers(folder: Path) -> Method:
    library: Any = import_module("sentence_transformers")
    model = library.SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = MOST_PIECES
    quiet = {"batch_size": BATCH, "show_progress_bar": False}

    def tokens(texts: list[str]) -> list[NDArray[np.float32]]:
        tensors: Any = model.encode(
            texts, output_value="token_embeddings", convert_to_numpy=False, **quiet
        )
        return [tensor.numpy() for tensor in tensors]

    return Method(tokens, lambda texts: model.encode(texts, **quiet), tokens)


def onnx_runtime(folder: Path) -> Method:
    onnxruntime: Any = import_module("onnxruntime")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as scratch:
        path = _export_onnx(folder, Path(scratch))
        session = onnxruntime.InferenceSession(str(path), settings, ["CPUExecutionProvider"])

    def forward(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {"input_ids": ids, "attention_mask": mask})[0])

    return _batched(folder, forward)


def open_vino(folder: Path, precision: str) -> Method:
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


def _export_onnx(folder: Path, scratch: Path) -> Path:
    path = scratch / "model.onnx"
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


def _batched(folder: Path, forward: Forward) -> Method:
    """Batches of 32 sorted by length: the best that a careful user makes of a padded model."""
    tokenizer = tokenizer_of(folder)

    def states(texts: list[str]) -> list[NDArray[np.float32]]:
        ids = ids_of(tokenizer, texts)
        lengths = np.array([len(ids_of_text) for ids_of_text in ids])
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


def _by_states(states: Callable[[list[str]], list[NDArray[np.float32]]]) -> Method:
    def sentences(texts: list[str]) -> NDArray[np.float32]:
        return np.stack([matrix.mean(0) for matrix in states(texts)])

    return Method(states, sentences, states)


@dataclass(frozen=True)
class Recipe:
    """How a method is made.

    Attributes:
        build: From the model's folder.
        dtype: The number format that it computes in.
        is_slow: Whether it is too slow for more than the smallest size.
    """

    build: Callable[[Path], Method]
    dtype: str = "float32"
    is_slow: bool = False


RECIPES = {
    "nlu_lite": Recipe(lambda folder: nlu_lite(folder, "float32")),
    "nlu_lite bf16": Recipe(lambda folder: nlu_lite(folder, "bfloat16"), dtype="bfloat16"),
    "transformers, one by one": Recipe(one_by_one, is_slow=True),
    "transformers, sorted 32": Recipe(length_sorted),
    "HF pipeline 32": Recipe(hf_pipeline, is_slow=True),
    "sentence-transformers 32": Recipe(sentence_transformers),
    "ONNX Runtime, sorted 32": Recipe(onnx_runtime),
    "OpenVINO, sorted 32": Recipe(lambda folder: open_vino(folder, "f32")),
    "OpenVINO bf16, sorted 32": Recipe(lambda folder: open_vino(folder, "bf16"), dtype="bfloat16"),
}


def build_methods(names: Iterable[str], folder: Path) -> tuple[dict[str, Method], dict[str, str]]:
    """The methods of these names that can be had here, and why the others cannot."""
    methods, missing = {}, {}
    for name in names:
        try:
            methods[name] = RECIPES[name].build(folder)
        except ImportError as error:
            missing[name] = str(error)
    return methods, missing
