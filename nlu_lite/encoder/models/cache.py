"""Models in memory: read once a process, shared by all who use the same one, bounded in number."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.encoder.backends import products
from nlu_lite.encoder.backends.choose import choose_encoder
from nlu_lite.encoder.backends.classify import choose_classifier
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.threads import limit_threads
from nlu_lite.encoder.backends.translate import Translator, read_translation_tokenizer
from nlu_lite.encoder.models.configuration import read_config
from nlu_lite.encoder.models.devices import choose_device, choose_dtype
from nlu_lite.encoder.models.family_model import read_family_model, read_family_settings
from nlu_lite.encoder.models.heads import LabelSettings, find_vector_pooler, to_probabilities
from nlu_lite.encoder.models.loading import load_model, make_empty_model
from nlu_lite.encoder.models.module_models import find_whole_sequence, read_module_model
from nlu_lite.encoder.models.pieces import PieceTokenizer, load_tokenizer
from nlu_lite.encoder.models.positions import find_longest_sequence
from nlu_lite.encoder.models.sentence_transformers import find_transformer_folder, lowercases_texts
from nlu_lite.encoder.models.vocabulary import read_plain_tokenizer
from nlu_lite.errors import ModelError
from nlu_lite.weights import read_file_states

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

MOST_MODELS = 4


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to encode.

    Attributes:
        folder: Where it was read from.
        architecture: As transformers calls it.
        tokenizer: Text to pieces.
        encoder: Pieces to vectors.
        max_length: Longest sequence in pieces with the special ones; None if nothing bounds it.
        dtype: What it computes in: ``float32``, ``bfloat16`` or ``float16``.
        device: Where: ``cpu``, ``cuda`` or the like.
        pooler: From vectors of first positions, shape (texts, dimension), to those of the model's
            pooler; None if its weights hold none.
        names: Of a classifier's labels, whose probabilities its vectors are; None for other models.
    """

    folder: Path
    architecture: str
    tokenizer: PieceTokenizer
    encoder: Encoder
    max_length: int | None
    dtype: str
    device: str
    pooler: Callable[[Floats], Floats] | None
    names: tuple[str, ...] | None = None

    @property
    def computes(self) -> str:
        """The number format, the device, and on a CPU the threads, as a person reads them."""
        threads = torch.get_num_threads()
        count = "" if self.device != "cpu" else f", {threads} thread{'s' * (threads != 1)}"
        return f"{self.dtype} on {self.device}{count}"


_lock = threading.Lock()
_loading: dict[tuple[object, ...], threading.Lock] = {}
_models: OrderedDict[tuple[object, ...], LoadedModel] = OrderedDict()


def get_model(folder: Path, entry: Entry, *, device: str, dtype: str) -> LoadedModel:
    """The model of a folder, read now or taken from memory.

    Args:
        folder: The model's files.
        entry: What the registry says about them.
        device: As in ``Options``.
        dtype: As in ``Options``.

    Raises:
        ModelError: The files do not make the model that the entry describes.
        OptionError: The device does not exist.
    """
    torch_device = choose_device(device)
    torch_dtype = choose_dtype(dtype, torch_device)
    task = None if entry.kind.gives_vectors else entry.task
    key = (
        folder.resolve(),
        read_file_states(folder),
        entry.architecture,
        entry.tokenizer,
        entry.lowercase,
        str(torch_device),
        torch_dtype,
        task,
        find_whole_sequence(folder, entry) is not None,
    )
    with _lock:
        turn = _loading.setdefault(key, threading.Lock())
    with turn:
        with _lock:
            if key in _models:
                _models.move_to_end(key)
                return _models[key]
        loaded = _read_model(folder, entry, torch_device, torch_dtype, task)
        with _lock:
            _models[key] = loaded
            while len(_models) > MOST_MODELS:
                _models.popitem(last=False)
        return loaded


def _read_model(
    folder: Path, entry: Entry, device: torch.device, dtype: torch.dtype, task: str | None
) -> LoadedModel:
    limit_threads()
    products.keep_few()
    module_model = read_module_model(folder, entry, device=device, dtype=dtype)
    if module_model is not None:
        return LoadedModel(
            folder=folder,
            **vars(module_model),
            dtype=str(dtype).removeprefix("torch."),
            device=str(device),
            pooler=None,
        )
    if entry.kind.gives == "texts":
        parts: dict[str, Any] | None = _read_translator_parts(folder, entry, device, dtype)
    else:
        parts = _read_family_parts(folder, entry, device, dtype, task)
    if parts is None:
        parts = _read_transformers_parts(folder, entry, device, dtype, task)
    return LoadedModel(
        folder=folder,
        **parts,
        dtype=str(dtype).removeprefix("torch."),
        device=str(device),
    )


def _read_family_parts(
    folder: Path, entry: Entry, device: torch.device, dtype: torch.dtype, task: str | None
) -> dict[str, Any] | None:
    """What a model of the BERT family gives, read without transformers; None where it is none."""
    model_folder = find_transformer_folder(folder)
    settings = read_family_settings(model_folder, entry, task)
    if settings is None:
        return None
    tokenizer = _read_tokenizer(folder, entry, settings.size("vocab_size"))
    _refuse_short(folder, settings.longest, tokenizer)
    model = read_family_model(model_folder, settings, task, dtype=dtype, device=device)
    if model is None:
        return None
    return {
        "architecture": settings.model_type,
        "tokenizer": tokenizer,
        "encoder": model.encoder,
        "max_length": settings.longest,
        "pooler": model.pooler,
        "names": None if settings.labels is None else settings.labels.list_names(),
    }


def _read_transformers_parts(
    folder: Path, entry: Entry, device: torch.device, dtype: torch.dtype, task: str | None
) -> dict[str, Any]:
    """What a model of any other architecture gives, run by transformers."""
    model_folder = find_transformer_folder(folder)
    config = read_config(model_folder, entry)
    tokenizer = _read_tokenizer(folder, entry, getattr(config, "vocab_size", None))
    model = load_model(model_folder, config, dtype=dtype, device=device, task=task)
    longest = find_longest_sequence(model)
    _refuse_short(folder, longest, tokenizer)
    parts = {"architecture": config.model_type, "tokenizer": tokenizer, "max_length": longest}
    if task is not None:
        names = LabelSettings.of_config(config).list_names()
        encoder: Encoder = choose_classifier(
            model, task, tokenizer=tokenizer, device=device, longest=longest
        )
        return {**parts, "encoder": encoder, "pooler": None, "names": names}
    encoder = choose_encoder(
        model,
        pad_id=tokenizer.pad_id,
        device=device,
        longest=longest,
        specials=(tokenizer.prefix, tokenizer.suffix),
    )
    return {**parts, "encoder": encoder, "pooler": find_vector_pooler(model), "names": None}


def _read_translator_parts(
    folder: Path, entry: Entry, device: torch.device, dtype: torch.dtype
) -> dict[str, Any]:
    """What a model that writes texts gives, run by transformers."""
    config = read_config(folder, entry)
    if config.model_type != "marian":
        raise ModelError(
            f"The architecture of {folder} is {config.model_type!r}; translators are served of the "
            f"architecture 'marian', such as Helsinki-NLP/opus-mt-en-fr."
        )
    tokenizer = read_translation_tokenizer(folder, config.vocab_size)
    model = load_model(folder, config, dtype=dtype, device=device, task=entry.task)
    longest = find_longest_sequence(model)
    _refuse_short(folder, longest, tokenizer)
    return {
        "architecture": config.model_type,
        "tokenizer": tokenizer,
        "encoder": Translator(model, tokenizer=tokenizer, device=device, longest=longest),
        "max_length": longest,
        "pooler": None,
    }


def _read_tokenizer(folder: Path, entry: Entry, vocabulary_size: int | None) -> PieceTokenizer:
    """The tokenizer of a folder, which may say that it lower-cases."""
    model_folder = find_transformer_folder(folder)
    tokenizer = load_tokenizer(model_folder, entry, vocabulary_size=vocabulary_size)
    return tokenizer.lowercased() if lowercases_texts(folder) else tokenizer


def _refuse_short(folder: Path, longest: int | None, tokenizer: PieceTokenizer) -> None:
    if longest is not None and longest <= tokenizer.specials:
        raise ModelError(f"{folder} takes {longest} pieces, all of them special: no room for text.")


def read_facts(folder: Path, entry: Entry) -> dict[str, Any]:
    """What the files of a model say about it, the weights not read.

    Returns:
        dimension, layers, max_length (pieces with the special ones), lowercase, vocabulary (entries
        of the tokenizer) and embeddings (entries that the model has vectors for).

    Raises:
        ModelError: The configuration or the tokenizer cannot be read.
    """
    folder = find_transformer_folder(folder)
    config = read_config(folder, replace(entry, dimension=None, layers=None))
    if entry.kind.gives == "texts":
        tokenizer: PieceTokenizer = read_translation_tokenizer(folder)
    else:
        tokenizer = load_tokenizer(folder, entry, vocabulary_size=None)
    task = None if entry.kind.gives_vectors else entry.task
    return {
        "dimension": getattr(config, "hidden_size", None),
        "layers": getattr(config, "num_hidden_layers", None),
        "max_length": find_longest_sequence(make_empty_model(config, task)),
        "lowercase": tokenizer.lowercases,
        "vocabulary": tokenizer.size,
        "embeddings": getattr(config, "vocab_size", None),
    }


def read_plain_model(folder: Path, entry: Entry) -> Any:  # noqa: ANN401
    """The transformers model of a folder, read anew, in float32 on the CPU.

    Raises:
        ModelError: The files do not make the model that the entry describes.
    """
    folder = find_transformer_folder(folder)
    return load_model(
        folder,
        read_config(folder, entry),
        dtype=torch.float32,
        device=torch.device("cpu"),
        task=entry.task,
    )


@torch.inference_mode()
def run_plain_model(
    folder: Path, entry: Entry, text: str, *, layer: int = -1
) -> tuple[Floats, list[tuple[int, int]]]:
    """A layer of the plain transformers model for one text, to compare with.

    Args:
        folder: The model's files.
        entry: What the registry says about them.
        text: Short enough for the model.
        layer: Counted from the last, which is -1.

    Returns:
        Shape (pieces, dimension), special pieces included; and each piece's half-open span of code
        points.
    """
    inputs, offsets = _encode_plain(folder, entry, text)
    model = read_plain_model(folder, entry)
    if layer == -1:
        states = model(**inputs).last_hidden_state
    else:
        states = model(**inputs, output_hidden_states=True).hidden_states[layer]
    return states[0].float().numpy(), offsets


@torch.inference_mode()
def run_plain_classifier(
    folder: Path, entry: Entry, text: str
) -> tuple[Floats, list[tuple[int, int]]]:
    """The probabilities of the plain transformers classifier for one text, to compare with.

    Args:
        folder: The model's files.
        entry: What the registry says about them; for labels of words or of texts.
        text: Short enough for the model.

    Returns:
        Shape (pieces, labels), special pieces included, or for texts (1, labels); and each piece's
        half-open span of code points.
    """
    inputs, offsets = _encode_plain(folder, entry, text)
    model = read_plain_model(folder, entry)
    activation = LabelSettings.of_config(model.config).choose_activation(str(entry.task))
    likely = to_probabilities(model(**inputs).logits, activation)
    return np.asarray(likely.reshape(-1, likely.shape[-1]).numpy()), offsets


def _encode_plain(
    folder: Path, entry: Entry, text: str
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """What a plain model takes for a text, and each piece's half-open span of code points."""
    tokenizer = read_plain_tokenizer(find_transformer_folder(folder), entry)
    encoding = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
    spans = encoding["offset_mapping"][0].tolist()
    inputs = {name: encoding[name] for name in ("input_ids", "attention_mask")}
    return inputs, [(begin, end) for begin, end in spans]


def clear_cache() -> None:
    """Forget the models kept in memory; pipelines that are in use keep theirs.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.clear_cache()
    """
    with _lock:
        _models.clear()
        _loading.clear()
