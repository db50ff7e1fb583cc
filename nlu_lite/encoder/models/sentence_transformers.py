"""What a sentence-transformers folder says about sentences: its modules, read as data.

The layout is sentence-transformers' own (``modules.json`` and one folder a module, versions 0.3 to
6). Its code is needed only for modules that are not ours (``module_sequence``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nlu_lite.encoder.models.module_sequence import (
    ModuleSequence,
    ModuleSettings,
    find_first_module,
    read_sequence,
)
from nlu_lite.encoder.models.sentence_settings import (
    TransformerSettings,
    find_settings,
    read_prompt_settings,
    read_transformer_settings,
)
from nlu_lite.encoder.models.sentence_steps import (
    Step,
    make_normalize,
    read_dense,
    read_layer_norm,
)
from nlu_lite.encoder.models.static_embedding import read_static_settings
from nlu_lite.errors import ModelError
from nlu_lite.weights import CONFIG_FILE, read_json


@dataclass(frozen=True)
class SentenceModules:
    """How a text's vector is made of its pieces' states.

    Attributes:
        poolings: How positions become a vector, several side by side; empty if the folder does not
            say.
        includes_prompt: Whether the prompt's pieces are pooled too.
        steps: What is done to the vector, in order.
        max_length: Longest sequence in pieces, special ones counted.
        cuts_front: Whether too long a text loses its beginning, not its end.
        prompts: Names and texts that may be put in front.
        default_prompt: The text that is put in front where no prompt is asked for.
        dimensions: How many numbers of a vector are kept; None for all.
        run_whole: Whether the encoder itself runs the folder's modules: every position of a
            sequence has the text's vector.
        makes_vector: Whether the folder says how a text gets its vector.
    """

    poolings: tuple[str, ...] = ()
    includes_prompt: bool = True
    steps: tuple[Step, ...] = ()
    max_length: int | None = None
    cuts_front: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str = ""
    dimensions: int | None = None
    run_whole: bool = False
    makes_vector: bool = True

    @property
    def holds_the_pooler(self) -> bool:
        """Whether the modules are BERT's pooler: a linear layer with tanh on the first position."""
        layers = [step for step in self.steps if step.kind != "Normalize"]
        is_layer = len(layers) == 1 and layers[0] is self.steps[0]
        return is_layer and self.poolings == ("cls",) and layers[0].activation == "Tanh"

    @property
    def ends_normalized(self) -> bool:
        """Whether the last of the steps gives vectors of length one."""
        return bool(self.steps) and self.steps[-1].kind == "Normalize"


def find_transformer_folder(folder: Path) -> Path:
    """Where in a folder the files of the transformers model lie.

    Raises:
        ModelError: Its list of modules cannot be read.
    """
    first = find_first_module(folder)
    if first is None or first.kind != "Transformer":
        return folder
    return folder / first.path


def lowercases_texts(folder: Path) -> bool:
    """Whether the module Transformer lower-cases texts, whatever the tokenizer does.

    Raises:
        ModelError: The list of modules or the settings cannot be read.
    """
    first = find_first_module(folder)
    if first is None or first.kind != "Transformer":
        return False
    return bool(find_settings(folder / first.path)[1].get("do_lower_case"))


def read_modules(folder: Path) -> SentenceModules:
    """Read the modules of a folder; one without ``modules.json`` has none.

    Raises:
        ModelError: A file cannot be read, a module is of a kind that is not served, or a setting is
            not understood.
    """
    sequence = read_sequence(folder)
    if sequence is None:
        return SentenceModules(poolings=_find_default_pooling(folder))
    settings = _read_first(folder, sequence)
    prompts = read_prompt_settings(folder)
    steps = [_read_step(folder, module) for module in sequence.steps]
    return SentenceModules(
        poolings=sequence.poolings,
        includes_prompt=sequence.includes_prompt,
        steps=tuple(step for step in steps if step is not None),
        max_length=settings.max_length,
        cuts_front=settings.cuts_front,
        prompts=prompts.prompts,
        default_prompt=prompts.default_prompt,
        dimensions=prompts.dimensions,
        run_whole=bool(sequence.library),
        makes_vector=sequence.makes_vector,
    )


def _find_default_pooling(folder: Path) -> tuple[str, ...]:
    """As the library pools a model that lists no modules: by its class."""
    path = folder / CONFIG_FILE
    settings = read_json(path) if path.is_file() else {}
    names = settings.get("architectures") or []
    predicts_next = bool(names) and str(names[0]).endswith("ForCausalLM")
    return ("last",) if predicts_next and settings.get("is_causal", True) else ("mean",)


def _read_first(folder: Path, sequence: ModuleSequence) -> TransformerSettings:
    """The settings of the module that reads texts."""
    module_path = folder / sequence.first.listed.path
    if sequence.first.kind == "Transformer":
        return read_transformer_settings(module_path)
    if sequence.first.kind == "StaticEmbedding":
        return read_static_settings(module_path)
    return TransformerSettings()


def _read_step(folder: Path, module: ModuleSettings) -> Step | None:
    """What a module does to a vector; None for nothing."""
    module_path = folder / module.listed.path
    if module.kind == "Dense":
        return read_dense(module_path, module.settings)
    if module.kind == "LayerNorm":
        return read_layer_norm(module_path, module.settings)
    if module.kind == "Normalize":
        return make_normalize()
    if module.kind == "Dropout":  # it drops nothing outside training
        return None
    raise ModelError(f"{folder} has {module}, which is not served.")
