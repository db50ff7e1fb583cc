"""The modules of a sentence-transformers folder in their order, and who runs which of them.

Ours are the first module where it is a Transformer or a StaticEmbedding, one Pooling, and what
follows it: Dense, Normalize, LayerNorm, Dropout. A sequence that has anything else runs the
library's own modules, up to the last one that is not ours. See docs/decisions/modules-in-order.md.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nlu_lite.encoder.models.sentence_settings import refuse_unknown
from nlu_lite.errors import ModelError, brief
from nlu_lite.weights import (
    CONFIG_FILE,
    MODULES_FILE,
    ROUTERS,
    ModuleFolder,
    make_module_folder,
    read_file,
    read_json,
    read_router,
)

# Where the library keeps the classes of its modules, and kept them in older versions.
_CLASS = re.compile(
    r"sentence_transformers\.(models|base\.modules|sentence_transformer\.modules)(\.\w+)*\.\w+"
)
# The library's modules that can be run; a class of another name is never imported.
LIBRARY_KINDS = (
    *("BoW", "CNN", "Dense", "Dropout", "LSTM", "LayerNorm", "Normalize", "Pooling"),
    *("WeightedLayerPooling", "WordEmbeddings", "WordWeights"),
)
_FIRST_KINDS = ("Transformer", "StaticEmbedding", "WordEmbeddings", "BoW")
# The library's poolings, in the order in which it joins those that old folders say with flags.
_OLD_POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
# Its names -> ours.
_POOLINGS = {
    "cls": "cls",
    "max": "max",
    "mean": "mean",
    "mean_sqrt_len_tokens": "mean_sqrt",
    "weightedmean": "weighted",
    "lasttoken": "last",
}
_DIMENSIONS = ("embedding_dimension", "word_embedding_dimension")
_VECTOR = "sentence_embedding"


@dataclass(frozen=True)
class ModuleSettings:
    """A module with the settings of its ``config.json``.

    Attributes:
        listed: Its class and folder, as listed.
        settings: Empty where it has no such file.
    """

    listed: ModuleFolder
    settings: dict[str, Any]

    @property
    def kind(self) -> str:
        """The name of its class."""
        return self.listed.kind

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.kind} in {self.listed.path or 'the folder itself'!r}"


@dataclass(frozen=True)
class ModuleSequence:
    """What a folder's modules do, in order.

    Attributes:
        first: The module that reads texts.
        library: The modules that the library runs, ``first`` left out where it is ours; empty where
            all are ours.
        poolings: How positions become a vector, several side by side; empty where no module of ours
            says it.
        includes_prompt: Whether the prompt's pieces are pooled too.
        steps: The modules behind, which are ours.
        makes_vector: Whether any module makes a sentence's vector.
    """

    first: ModuleSettings
    library: tuple[ModuleSettings, ...] = ()
    poolings: tuple[str, ...] = ()
    includes_prompt: bool = True
    steps: tuple[ModuleSettings, ...] = ()
    makes_vector: bool = False


def read_sequence(folder: Path) -> ModuleSequence | None:
    """The modules of a folder; None where it lists none.

    Raises:
        ModelError: The list cannot be read, or a module is of a kind that is not served.
    """
    listed = read_file(folder, MODULES_FILE, list)
    if listed is None:
        return None
    modules: list[ModuleSettings] = []
    for module in listed:
        if not isinstance(module, dict):
            raise ModelError(
                f"{folder / MODULES_FILE} lists {brief(module)}; each module must be a JSON object."
            )
        record = make_module_folder("", module.get("path", ""), module.get("type", ""), folder)
        reads_texts = not modules
        modality = "text" if reads_texts or modules[0].kind == "Transformer" else None
        modules += _read_modules(folder, record, modality)
    if not modules:
        raise ModelError(f"{folder / MODULES_FILE} lists no modules; the first must read texts.")
    return _arrange(folder, modules)


def find_first_module(folder: Path) -> ModuleFolder | None:
    """The module that reads texts, for the vectors of words; None where nothing lists modules.

    Raises:
        ModelError: The list cannot be read.
    """
    for module in read_file(folder, MODULES_FILE, list) or []:
        if not isinstance(module, dict):
            break
        record = make_module_folder("", module.get("path", ""), module.get("type", ""), folder)
        if record.kind in ROUTERS:
            return _read_modules(folder, record, "text")[0].listed
        return record
    return None


def _read_modules(folder: Path, record: ModuleFolder, modality: str | None) -> list[ModuleSettings]:
    """A module with its settings; a Router is the modules of the route that a text takes.

    Args:
        folder: The model's.
        record: The module's.
        modality: What the library would know about what it is given.
    """
    if not _CLASS.fullmatch(record.type):
        raise ModelError(
            f"{folder} has the module {record.kind!r} in {record.path!r}, of the class "
            f"{brief(record.type)}, which is not served: it is none of sentence-transformers', and "
            f'code of others is never run. Ask for the vectors of its words with task="embed".'
        )
    if record.kind not in ROUTERS:
        is_served = record.kind in (*LIBRARY_KINDS, *_FIRST_KINDS)
        if not is_served:
            raise ModelError(
                f"{folder} has the sentence-transformers module {record.kind!r} in "
                f"{record.path!r}, which is not served."
            )
        path = folder / record.path / CONFIG_FILE
        reads = record.kind not in _FIRST_KINDS and path.exists()
        return [ModuleSettings(record, read_json(path) if reads else {})]
    router = read_router(partial(read_file, folder), record, folder)
    modules = []
    for name in router["structure"].get(_choose_route(folder, router, modality)) or []:
        inside = make_module_folder(record.path, name, router["types"].get(name, ""), folder)
        modules += _read_modules(folder, inside, modality)
    if not modules:
        raise ModelError(f"The route of the {record.kind} in {folder} has no modules.")
    return modules


def _choose_route(folder: Path, router: dict[str, Any], modality: str | None) -> object:
    """The route of a text without a task. Source: ``Router._resolve_route``, 6.2."""
    parameters, structure = router["parameters"], router["structure"]
    routes: dict[object, object] = {}
    for name, route in (parameters.get("route_mappings") or {}).items():
        try:
            routes[ast.literal_eval(name)] = route
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ModelError(
                f"The Router in {folder} has the route {brief(name)}, which cannot be read."
            ) from error
    for key in ((None, modality), (None, None)):
        if key in routes:
            return routes[key]
    if modality in structure:
        return modality
    route = parameters.get("default_route")
    if route is None and parameters.get("allow_empty_key", True):
        route = next(iter(structure), None)
    if route is None:
        raise ModelError(
            f"The Router in {folder} has no default route, and encoding names no task: it has the "
            f"routes {sorted(structure)}. Set default_route in its router_config.json."
        )
    return route


def _arrange(folder: Path, modules: list[ModuleSettings]) -> ModuleSequence:
    """Whose each module is."""
    first, rest = modules[0], modules[1:]
    if first.kind not in _FIRST_KINDS:
        raise ModelError(f"{folder} begins with {first}, which reads no texts.")
    is_ours = first.kind in ("Transformer", "StaticEmbedding")
    sequence = ModuleSequence(
        first,
        library=() if is_ours else (first,),
        makes_vector=first.kind in ("StaticEmbedding", "BoW"),
        poolings=("mean",) if first.kind == "StaticEmbedding" else (),
    )
    for number, module in enumerate(rest):
        if module.kind in _FIRST_KINDS:
            raise ModelError(f"{folder} has {module} behind others, where it reads no texts.")
        if _is_ours(module, sequence):
            sequence = _add_own(folder, sequence, module)
            continue
        if first.kind in ("StaticEmbedding", "BoW"):
            if module.kind == "WeightedLayerPooling":  # does nothing where there are no layers
                continue
            raise ModelError(
                f"{folder} has {module} behind a {first.kind}, which makes one vector a text and "
                f"nothing else that a module could read or write."
            )
        run = tuple(modules[int(is_ours) : number + 2])
        sequence = ModuleSequence(
            first, library=run, includes_prompt=_all_include_prompt(run), makes_vector=True
        )
    return sequence


def _all_include_prompt(modules: tuple[ModuleSettings, ...]) -> bool:
    """Whether no pooling of the library leaves a prompt's pieces out.

    Only the module Transformer tells it how many they are.
    """
    poolings = [module for module in modules if module.kind == "Pooling"]
    is_told = modules[0].kind not in _FIRST_KINDS
    return not is_told or all(pool.settings.get("include_prompt", True) for pool in poolings)


def _is_ours(module: ModuleSettings, sequence: ModuleSequence) -> bool:
    settings = module.settings
    if module.kind == "Pooling":
        return sequence.first.kind == "Transformer" and not sequence.library
    if module.kind in ("Dense", "Normalize"):
        name = settings.get("module_input_name", _VECTOR)
        output = settings.get("module_output_name")
        return name == _VECTOR and output in (None, _VECTOR)
    return module.kind in ("LayerNorm", "Dropout")


def _add_own(folder: Path, sequence: ModuleSequence, module: ModuleSettings) -> ModuleSequence:
    """The sequence with one module more, which is ours."""
    if module.kind == "Pooling":
        # It reads the pieces: what was made of an earlier vector is lost.
        poolings, includes_prompt = _read_pooling(folder, module)
        return replace(
            sequence,
            poolings=poolings,
            includes_prompt=includes_prompt,
            steps=(),
            makes_vector=True,
        )
    if module.kind == "Dropout":
        refuse_unknown(folder / module.listed.path / CONFIG_FILE, module.settings, ["dropout"])
    if sequence.makes_vector:
        return replace(sequence, steps=(*sequence.steps, module))
    if module.kind == "Normalize":  # the library's does nothing here
        return sequence
    raise ModelError(f"{folder} has {module} before any module that makes a sentence's vector.")


def _read_pooling(folder: Path, module: ModuleSettings) -> tuple[tuple[str, ...], bool]:
    """The poolings, and whether the prompt's pieces are pooled too."""
    path, settings = folder / module.listed.path / CONFIG_FILE, module.settings
    refuse_unknown(path, settings, [*_DIMENSIONS, "pooling_mode", "include_prompt", *_OLD_POOLINGS])
    modes = _read_modes(settings)
    is_stated = any(name in settings for name in _DIMENSIONS)
    poolings = tuple(_POOLINGS[mode] for mode in modes if mode in _POOLINGS)
    if not is_stated or not modes or len(poolings) != len(modes):
        raise ModelError(
            f"{path} asks for the pooling {brief(modes)} of embedding_dimension "
            f"{brief(settings.get(_DIMENSIONS[0]))}, which is not served; served are "
            f"{sorted(_POOLINGS)}, and the dimension must be there."
        )
    return poolings, bool(settings.get("include_prompt", True))


def _read_modes(settings: dict[str, Any]) -> list[str]:
    """The library's names of the poolings; those of old folders are flags."""
    if "pooling_mode" not in settings:
        flags = [mode for flag, mode in _OLD_POOLINGS.items() if settings.get(flag)]
        return flags or ["mean"]
    modes = settings["pooling_mode"]
    return [str(mode) for mode in modes] if isinstance(modes, list) else [str(modes)]
