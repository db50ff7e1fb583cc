"""Which files of a folder make a model: what to fetch of a repository, and what a folder lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath

from nlu_lite.errors import ModelError
from nlu_lite.registry import is_inside
from nlu_lite.weights.json_files import read_json
from nlu_lite.weights.module_folders import (
    MODULES_FILE,
    ModuleFolder,
    join_name,
    list_modules,
)

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
SHARD = re.compile(r"(pytorch_)?model-\d+-of-\d+\.(safetensors|bin)")
# A tokenizer is one of these; the complete file makes the others needless.
COMPLETE_TOKENIZER = "tokenizer.json"
TOKENIZER_FILES: tuple[tuple[str, ...], ...] = (
    (COMPLETE_TOKENIZER,),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("spiece.model",),
    ("sentencepiece.bpe.model",),
    ("spm.model",),
    ("tokenizer.model",),
    ("sentencepiece.model",),
    ("source.spm", "target.spm", "vocab.json"),
)
# What a translator is read from beside these; its settings say how texts are made.
_TRANSLATOR_FILES = ("target_vocab.json", "generation_config.json")
_TRANSLATOR_SIGN = "source.spm"
# Stand for any of the forms above.
_TOKENIZER, _WEIGHTS = "a tokenizer", "weights"
_SETTINGS = (
    CONFIG_FILE,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    MODULES_FILE,
    "config_sentence_transformers.json",
)
# Where the module Transformer keeps its settings; of several files the first counts.
TRANSFORMER_SETTINGS = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
# What modules may keep in the model's own folder, where it lies among files that are no model's.
_MODULE_SETTINGS = (
    "router_config.json",
    "wordembedding_config.json",
    "whitespacetokenizer_config.json",
    "phrasetokenizer_config.json",
)
# A module's folder holds nothing else; weights are chosen apart.
_MODULE_SUFFIXES = (".json", ".txt", ".model")
# What each kind of module cannot be read without; the others have their settings by default.
_MODULE_FILES: dict[str, tuple[str, ...]] = {
    "Transformer": (CONFIG_FILE, _TOKENIZER, _WEIGHTS),
    "StaticEmbedding": (COMPLETE_TOKENIZER, _WEIGHTS),
    "Pooling": (CONFIG_FILE,),
    "Dense": (CONFIG_FILE, _WEIGHTS),
    "LayerNorm": (CONFIG_FILE, _WEIGHTS),
    "CNN": ("cnn_config.json", _WEIGHTS),
    "LSTM": ("lstm_config.json", _WEIGHTS),
    "WordEmbeddings": ("wordembedding_config.json", _WEIGHTS),
    "WordWeights": (CONFIG_FILE, _WEIGHTS),
    "WeightedLayerPooling": (CONFIG_FILE, _WEIGHTS),
    "BoW": (CONFIG_FILE,),
}


def select_model_files(names: Iterable[str], modules: Sequence[ModuleFolder] = ()) -> list[str]:
    """The files of a repository that a model needs, never those of other frameworks.

    Args:
        names: All files of the repository, relative, with ``/``.
        modules: Those that its ``modules.json`` lists.

    Returns:
        Names in the order to fetch them, the weights last: while these are missing, nobody takes
        the folder for complete.
    """
    available = set(names)
    selected = [*_SETTINGS, *TRANSFORMER_SETTINGS]
    if modules:
        selected += _MODULE_SETTINGS
    if _TRANSLATOR_SIGN in available:
        selected += _TRANSLATOR_FILES
    selected = [name for name in selected if name in available]
    selected += _select_tokenizer(available, "")
    folders = list(dict.fromkeys(module.path for module in modules))
    for folder in filter(None, folders):
        selected += _select_settings(available, folder)
    weights = [_select_weights(available, folder) for folder in filter(None, folders)]
    if "" in folders or not modules:
        weights.append(_select_weights(available, ""))
    return list(dict.fromkeys([*selected, *chain.from_iterable(weights)]))


def list_model_files(folder: Path) -> list[str]:
    """The files of a folder that its model needs, as of a repository.

    Raises:
        ModelError: Its list of modules cannot be read.
    """
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    return select_model_files(names, list_modules(folder))


def _select_tokenizer(available: set[str], folder: str) -> list[str]:
    names: Iterable[str] = [COMPLETE_TOKENIZER]
    if join_name(folder, COMPLETE_TOKENIZER) not in available:
        names = chain.from_iterable(TOKENIZER_FILES)
    return [join_name(folder, name) for name in names if join_name(folder, name) in available]


def _select_settings(available: set[str], folder: str) -> list[str]:
    """The files of a module's folder, without weights and what lies in folders inside."""
    inside = sorted(name for name in available if PurePosixPath(name).parent.as_posix() == folder)
    return [
        name
        for name in inside
        if name.endswith(_MODULE_SUFFIXES) and not name.endswith(INDEX_FILES)
    ]


def _select_weights(available: set[str], folder: str) -> list[str]:
    """The weights in a folder, those of one form; an index before the shards that it names."""
    stored = [join_name(folder, name) for name in WEIGHT_FILES]
    first = next((name for name in stored if name in available), None)
    if first is None:
        return []
    name = PurePosixPath(first).name
    if name not in INDEX_FILES:
        return [first]
    stem, extension = name.removesuffix(".index.json").split(".")
    shard = re.compile(rf"{re.escape(join_name(folder, stem))}-\d+-of-\d+\.{extension}")
    return [first, *sorted(filter(shard.fullmatch, available))]


def needs_weights(modules: Sequence[ModuleFolder]) -> bool:
    """Whether a model of these modules, or of none, has weights."""
    wants = [_WEIGHTS in _MODULE_FILES.get(module.kind, ()) for module in modules]
    return any(wants) or not modules


def find_missing_files(folder: Path) -> list[str]:
    """What a model's folder lacks to be loaded, in words; empty where it is complete.

    Raises:
        ModelError: The index of its weights or its list of modules cannot be read, or names files
            outside the folder.
    """
    modules = list_modules(folder)
    if not modules:
        modules = [ModuleFolder(type="Transformer", path="")]
    missing: list[str] = []
    for module in modules:
        for name in _MODULE_FILES.get(module.kind, ()):
            missing += _find_missing(folder, module.path, name)
    return list(dict.fromkeys(missing))


def _find_missing(folder: Path, path: str, name: str) -> list[str]:
    """What is missing of one of the files that a module needs, in words."""
    module_hint = f" in {path}" if path else ""
    if name == _TOKENIZER:
        if any(not _missing_names(folder / path, names) for names in TOKENIZER_FILES):
            return []
        return [f"a tokenizer (tokenizer.json or vocab.txt){module_hint}"]
    if name != _WEIGHTS:
        return _missing_names(folder, [join_name(path, name)])
    first = next((name for name in WEIGHT_FILES if (folder / path / name).is_file()), None)
    if first is None:
        return [f"weights (model.safetensors or pytorch_model.bin){module_hint}"]
    if first not in INDEX_FILES:
        return []
    shards = read_shard_names(folder / path / first)
    return _missing_names(folder, [join_name(path, shard) for shard in shards])


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
