"""Which files of a folder make a model: what to fetch of a repository, and what a folder lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nlu_lite.errors import ModelError
from nlu_lite.registry import is_inside

CONFIG = "config.json"
# The forms in which weights are stored, the safe ones first: one file, or an index and the shards
# it names.
WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
INDEXES = tuple(name for name in WEIGHTS if name.endswith(".index.json"))
# What helps against a file that cannot be read: files in the hub's cache can be had again.
REPAIR = (
    "If it was damaged on this machine, `nlu-lite download REFERENCE --update` fetches it anew."
)
# The settings of no model come near this; what is larger is not read into memory.
MOST_BYTES = 16_000_000
_JSON: dict[type, str] = {dict: "object", list: "list"}
_SHARD = re.compile(r"(model|pytorch_model)-\d+-of-\d+\.(safetensors|bin)")
# A tokenizer is one of these; the complete file makes the others needless.
COMPLETE_TOKENIZER = "tokenizer.json"
TOKENIZERS: tuple[tuple[str, ...], ...] = (
    (COMPLETE_TOKENIZER,),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("spiece.model",),
    ("sentencepiece.bpe.model",),
    ("spm.model",),
)
_SETTINGS = (
    CONFIG,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
# Folders of sentence-transformers modules: 1_Pooling/config.json, 2_Dense/model.safetensors, ...
_MODULE = re.compile(
    r"(?P<folder>\d+_[A-Za-z]+)/(config\.json|model\.safetensors|pytorch_model\.bin)"
)


def wanted(names: Iterable[str]) -> list[str]:
    """The files of a repository that a model needs, the weights last; never those of other frameworks.

    Args:
        names: All files of the repository, relative, with ``/``.

    Returns:
        Names in the order to fetch them: while the weights are missing, nobody takes the folder for
        complete.
    """
    every = set(names)
    chosen = [name for name in _SETTINGS if name in every]
    complete = COMPLETE_TOKENIZER in every
    chosen += (
        [COMPLETE_TOKENIZER] if complete else [n for kind in TOKENIZERS for n in kind if n in every]
    )
    modules = sorted(name for name in every if _MODULE.fullmatch(name))
    chosen += [
        n
        for n in modules
        if not (n.endswith(".bin") and f"{n.rpartition('/')[0]}/model.safetensors" in every)
    ]
    return chosen + _weights(every)


def _weights(every: set[str]) -> list[str]:
    first = next((name for name in WEIGHTS if name in every), None)
    if first is None:
        return []
    if not first.endswith(".index.json"):
        return [first]
    kind = first.removesuffix(".index.json")
    shards = sorted(
        name
        for name in every
        if _SHARD.fullmatch(name) and name.partition("-")[0] == kind.partition(".")[0]
    )
    return [first, *(name for name in shards if name.endswith(kind.rpartition(".")[2]))]


def missing(folder: Path) -> list[str]:
    """What a folder lacks to be loaded, in words; empty where it is complete.

    Args:
        folder: A model's folder.

    Raises:
        ModelError: The index of its weights cannot be read or names files outside the folder.
    """
    lacking = [] if (folder / CONFIG).is_file() else [CONFIG]
    if not any(all((folder / name).is_file() for name in kind) for kind in TOKENIZERS):
        lacking.append("a tokenizer (tokenizer.json or vocab.txt)")
    first = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if first is None:
        lacking.append("weights (model.safetensors or pytorch_model.bin)")
    elif first.endswith(".index.json"):
        lacking += [name for name in shards_of(folder / first) if not (folder / name).is_file()]
    return lacking


def shards_of(index: Path) -> list[str]:
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
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ModelError(f"{path} cannot be read: it is larger than {MOST_BYTES:,} bytes.")
        found = json.loads(content.decode("utf-8"))
    except ModelError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error!s:.500}. {REPAIR}") from error
    if not isinstance(found, kind):
        raise ModelError(f"{path} must hold a JSON {_JSON[kind]}, not a {type(found).__name__}.")
    return found
