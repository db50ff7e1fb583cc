"""Which files of a folder make a model: what to fetch of a repository, and what a folder lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from nlu_lite.errors import ModelError
from nlu_lite.registry import is_inside
from nlu_lite.weights.other_formats import refuse_pointer

CONFIG_FILE = "config.json"
# The forms in which weights are stored, the safe ones first: one file, or an index and the shards
# it names.
WEIGHT_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
INDEX_FILES = tuple(name for name in WEIGHT_FILES if name.endswith(".index.json"))
# What helps against a file that cannot be read: files in the hub's cache can be had again.
REPAIR_HINT = (
    "If it was damaged on this machine, `nlu-lite download REFERENCE --update` fetches it anew."
)
# The settings of no model come near this; what is larger is not read into memory.
MAX_BYTES = 16_000_000
_JSON_KINDS: dict[type, str] = {dict: "object", list: "list"}
# A tokenizer is one of these; the complete file makes the others needless.
COMPLETE_TOKENIZER = "tokenizer.json"
TOKENIZER_FILES: tuple[tuple[str, ...], ...] = (
    (COMPLETE_TOKENIZER,),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("spiece.model",),
    ("sentencepiece.bpe.model",),
    ("spm.model",),
)
_SETTINGS = (
    CONFIG_FILE,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
# Folders of sentence-transformers modules: 1_Pooling/config.json, 2_Dense/model.safetensors, ...
_MODULE = re.compile(r"\d+_[A-Za-z]+/(config\.json|model\.safetensors|pytorch_model\.bin)")


def select_model_files(names: Iterable[str]) -> list[str]:
    """The files of a repository that a model needs, never those of other frameworks.

    Args:
        names: All files of the repository, relative, with ``/``.

    Returns:
        Names in the order to fetch them, the weights last: while these are missing, nobody takes
        the folder for complete.
    """
    available = set(names)
    tokenizer_files: Iterable[str] = [COMPLETE_TOKENIZER]
    if COMPLETE_TOKENIZER not in available:
        tokenizer_files = chain.from_iterable(TOKENIZER_FILES)
    selected = [name for name in (*_SETTINGS, *tokenizer_files) if name in available]
    modules = sorted(filter(_MODULE.fullmatch, available))
    selected += [name for name in modules if not _has_safe_twin(name, available)]
    return selected + _select_weights(available)


def list_model_files(folder: Path) -> list[str]:
    """The files of a folder that its model needs, as of a repository."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return select_model_files(path.relative_to(folder).as_posix() for path in paths)


def _has_safe_twin(name: str, available: set[str]) -> bool:
    """Whether the same weights are there as safetensors."""
    twin = name.replace("pytorch_model.bin", "model.safetensors")
    return twin != name and twin in available


def _select_weights(available: set[str]) -> list[str]:
    first = next((name for name in WEIGHT_FILES if name in available), None)
    if first is None:
        return []
    if first not in INDEX_FILES:
        return [first]
    stem, extension = first.removesuffix(".index.json").split(".")
    shard = re.compile(rf"{stem}-\d+-of-\d+\.{extension}")
    return [first, *sorted(filter(shard.fullmatch, available))]


def find_missing_files(folder: Path) -> list[str]:
    """What a model's folder lacks to be loaded, in words; empty where it is complete.

    Raises:
        ModelError: The index of its weights cannot be read or names files outside the folder.
    """
    missing = _missing_names(folder, [CONFIG_FILE])
    if all(_missing_names(folder, names) for names in TOKENIZER_FILES):
        missing.append("a tokenizer (tokenizer.json or vocab.txt)")
    first = next((name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if first is None:
        missing.append("weights (model.safetensors or pytorch_model.bin)")
    elif first in INDEX_FILES:
        missing += _missing_names(folder, read_shard_names(folder / first))
    return missing


def _missing_names(folder: Path, names: Iterable[str]) -> list[str]:
    return [name for name in names if not (folder / name).is_file()]


def read_shard_names(index: Path) -> list[str]:
    """The files that an index of weights names.

    Raises:
        ModelError: It cannot be read, names no file, or one outside its folder.
    """
    try:
        names = sorted(set(read_json(index)["weight_map"].values()))
        outside = [name for name in names if not is_inside(name) or "/" in name or name == "."]
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{index} cannot be read as an index of weights: {error!r}") from error
    if outside:
        raise ModelError(
            f"{index} names files outside its folder: {outside[:5]!r:.300}. It is refused."
        )
    if not names:
        raise ModelError(f"{index} names no files.")
    return names


def read_json(path: Path, kind: type = dict) -> Any:  # noqa: ANN401 - whatever the file holds
    """The content of a JSON file of a model, of which no more is read than such a file may have.

    Args:
        path: The file.
        kind: What it must hold: ``dict`` or ``list``.

    Raises:
        ModelError: It is no file, cannot be read, is too large, or holds something else.
    """
    try:
        if path.exists() and not path.is_file():
            raise ModelError(f"{path} cannot be read: it is no file (a folder, a pipe, a device).")
        refuse_pointer(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ModelError(f"{path} cannot be read: it is larger than {MAX_BYTES:,} bytes.")
        data = json.loads(content.decode("utf-8"))
    except ModelError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error!s:.500}. {REPAIR_HINT}") from error
    if not isinstance(data, kind):
        raise ModelError(
            f"{path} must hold a JSON {_JSON_KINDS[kind]}, not a {type(data).__name__}."
        )
    return data
