"""sentence-transformers' own modules, read from a folder: the library's code and nobody else's.

A module's class comes from a fixed table of the library's names, never from a path in the folder;
nothing is fetched, and no remote code is trusted.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.module_sequence import LIBRARY_KINDS, ModuleSettings
from nlu_lite.encoder.models.pieces import Pieces, PieceTokenizer
from nlu_lite.encoder.models.sentence_steps import (
    DEFAULT_ACTIVATION,
    SOFTMAXES,
    find_activation,
)
from nlu_lite.errors import MissingExtraError, ModelError, brief
from nlu_lite.weights import read_json

if TYPE_CHECKING:
    import torch

# Its tokenizers of words; the class of another path is never imported.
_WORD_TOKENIZERS = ("PhraseTokenizer", "TransformersTokenizerWrapper", "WhitespaceTokenizer")
# Where versions from 5.0 on have the classes of all modules.
_PACKAGE = "sentence_transformers.models"
_NEW_PACKAGE = "sentence_transformers.sentence_transformer.modules"


def read_library_modules(
    folder: Path,
    modules: Sequence[ModuleSettings],
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> list[torch.nn.Module]:
    """The library's modules with their weights, in evaluation mode.

    Args:
        folder: The model's.
        modules: What to read.
        device: Where they are put.
        dtype: Of their numbers.

    Raises:
        ModelError: One cannot be read.
        MissingExtraError: The library is not installed.
    """
    return [_read_module(folder, module).to(device=device, dtype=dtype) for module in modules]


def _read_module(folder: Path, module: ModuleSettings) -> torch.nn.Module:
    if module.kind not in LIBRARY_KINDS:
        raise ModelError(f"{folder} has {module}, which is not served.")
    if module.kind == "WordEmbeddings":
        _check_word_tokenizer(folder / module.listed.path / "wordembedding_config.json")
    axis = _find_axis(folder, module) if module.kind == "Dense" else None
    package = _import_library(folder, module)
    try:
        with quiet_transformers(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded: torch.nn.Module = getattr(package, module.kind).load(
                str(folder),
                subfolder=module.listed.path,
                local_files_only=True,
                trust_remote_code=False,
            )
    except Exception as error:  # whatever the library makes of any file
        raise ModelError(
            f"sentence-transformers cannot read {module} of {folder}: {type(error).__name__}: "
            f"{error!s:.500}"
        ) from error
    if axis is not None:
        softmax: Any = loaded.activation_function
        softmax.dim = axis
    return loaded.eval().requires_grad_(False)


def _find_axis(folder: Path, module: ModuleSettings) -> int | None:
    """The axis that a linear layer's softmax is over; None where it has no softmax.

    Raises:
        ModelError: Its activation is not served, or would mix the texts of a batch.
    """
    path = module.settings.get("activation_function", DEFAULT_ACTIVATION)
    if find_activation(folder / module.listed.path, path) not in SOFTMAXES:
        return None
    name = module.settings.get("module_input_name", "sentence_embedding")
    if name != "sentence_embedding":
        raise ModelError(
            f"{folder} has {module} with {path} over {brief(name)}: the library would mix texts "
            f"that stand beside each other, so it is not served."
        )
    return -1


def _check_word_tokenizer(path: Path) -> None:
    """Raise ModelError where the words are found by anything but the library's tokenizers."""
    name = str(read_json(path).get("tokenizer_class"))
    prefix, _, kind = name.rpartition(".")
    if not prefix.startswith("sentence_transformers.") or kind not in _WORD_TOKENIZERS:
        raise ModelError(
            f"{path} says tokenizer_class {brief(name)}, which is not served; served are "
            f"sentence-transformers' {', '.join(_WORD_TOKENIZERS)}."
        )


def read_word_ids(module: Any) -> WordIds:  # noqa: ANN401 - of the library
    """The tokenizer of the library's WordEmbeddings or BoW, tried once.

    Raises:
        ModelError: It cannot cut a text.
    """
    longest = getattr(module, "max_seq_length", None)
    tokenizer = WordIds(lambda text: list(module.tokenizer.tokenize(text))[:longest])
    try:
        tokenizer(["a"])
    except Exception as error:  # a package that it needs is missing, for one
        raise ModelError(
            f"The tokenizer of {type(module).__name__} cannot cut text into words: "
            f"{type(error).__name__}: {error!s:.500}"
        ) from error
    return tokenizer


def _import_library(folder: Path, module: ModuleSettings) -> Any:  # noqa: ANN401 - a package
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(_NEW_PACKAGE)
    except ImportError:
        try:
            return importlib.import_module(_PACKAGE)
        except ImportError as error:
            raise MissingExtraError(
                f"{folder} has {module}, which is run by sentence-transformers: pip install "
                f"'nlu-lite[sentence-transformers]'."
            ) from error


class WordIds(PieceTokenizer):
    """Texts -> numbers of words, by the tokenizer of a module that has one of its own.

    Such tokenizers tell no offsets: every word is said to span its text.

    Args:
        make_ids: From a text to the numbers of its words.
    """

    def __init__(self, make_ids: Callable[[str], list[int]]) -> None:
        self._make_ids = make_ids
        self.prefix = self.suffix = ()
        self.pad_id = 0
        self.unknown_id = None

    @property
    def size(self) -> int:
        """Unknown to it."""
        return 0

    def __call__(self, texts: Sequence[str]) -> Pieces:
        """The words of texts that the vocabulary has.

        Args:
            texts: Texts without lone surrogates.
        """
        ids = [np.asarray(self._make_ids(text), dtype=np.int64) for text in texts]
        counts = np.asarray([len(part) for part in ids], dtype=np.int64)
        ends = np.asarray([len(text) for text in texts], dtype=np.int64)
        return Pieces(
            ids=np.concatenate([np.zeros(0, dtype=np.int64), *ids]),
            begin=np.zeros(int(counts.sum()), dtype=np.int64),
            end=np.repeat(ends, counts),
            starts=np.concatenate([[0], np.cumsum(counts)]),
        )

    @property
    def lowercases(self) -> bool:
        """Not known; it is asked of transformers' tokenizers only."""
        return False

    def read_wordpiece_vocabulary(self) -> dict[str, int] | None:
        """None: words are no pieces."""
        return None

    def equals(self, tokenizer: PieceTokenizer) -> bool:
        """Whether another tokenizer is this one."""
        return self is tokenizer

    def is_bare_space(self, pieces: Pieces) -> Bools:
        """Shape (pieces,): no word is a space."""
        return np.zeros(len(pieces.ids), dtype=np.bool_)
