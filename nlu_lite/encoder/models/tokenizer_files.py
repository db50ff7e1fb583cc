"""The files of a folder that say something about its tokenizer, read as data and checked."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu_lite.errors import MissingExtraError, ModelError
from nlu_lite.weights import COMPLETE_TOKENIZER, CONFIG_FILE, REPAIR_HINT, read_json, refuse_pointer

# The largest that are published have 35 MB; what is larger is not read into memory.
MOST_BYTES = 500_000_000
_SETTINGS_FILE = "tokenizer_config.json"
_SPECIALS_FILE = "special_tokens_map.json"
_ADDED_FILE = "added_tokens.json"
_VOCABULARY_FILES = ("vocab.txt", "vocab.json", "merges.txt", "tekken.json")
# SentencePiece's, and tiktoken's.
_MODEL_SUFFIX = ".model"


@dataclass(frozen=True)
class TokenizerFolder:
    """What a model's folder says about its tokenizer.

    Attributes:
        path: The folder.
        names: The files that bear on the tokenizer, ``config.json`` left out.
        settings: Of ``tokenizer_config.json``; none where there is no such file, as for the others.
        specials: Of ``special_tokens_map.json``: what the special pieces are called.
        added: Of ``added_tokens.json``: pieces that were added, and their ids.
        config: Of ``config.json``.
    """

    path: Path
    names: frozenset[str]
    settings: dict[str, Any]
    specials: dict[str, Any]
    added: dict[str, Any]
    config: dict[str, Any]

    @property
    def is_complete(self) -> bool:
        """Whether there is a ``tokenizer.json``, which holds a vocabulary and all rules."""
        return COMPLETE_TOKENIZER in self.names

    @property
    def class_name(self) -> str | None:
        """The class of transformers that the folder names; None if it names none."""
        name = self.settings.get("tokenizer_class") or self.config.get("tokenizer_class")
        return None if name is None else str(name)

    @property
    def model_type(self) -> str | None:
        """The architecture that the folder names; None for folders of 2020."""
        name = self.config.get("model_type")
        return None if name is None else str(name)

    @property
    def sentencepiece_names(self) -> list[str]:
        """The files that SentencePiece reads."""
        return sorted(name for name in self.names if name.endswith(_MODEL_SUFFIX))


def read_tokenizer_folder(path: Path) -> TokenizerFolder:
    """Read what the small files say, and look at the beginning of the large ones.

    Raises:
        ModelError: A file cannot be read, is too large, or only points to where it is kept.
    """
    names = frozenset(file.name for file in path.iterdir() if _bears_on_tokenizers(file))
    for name in sorted(names):
        _check_file(path / name)
    settings, specials, added = (
        read_json(path / name) if name in names else {}
        for name in (_SETTINGS_FILE, _SPECIALS_FILE, _ADDED_FILE)
    )
    config_path = path / CONFIG_FILE
    config = read_json(config_path) if config_path.is_file() else {}
    return TokenizerFolder(path, names, settings, specials, added, config)


def _bears_on_tokenizers(file: Path) -> bool:
    names = (COMPLETE_TOKENIZER, _SETTINGS_FILE, _SPECIALS_FILE, _ADDED_FILE, *_VOCABULARY_FILES)
    return file.is_file() and (file.name in names or file.suffix == _MODEL_SUFFIX)


def _check_file(path: Path) -> None:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ModelError(
            f"{path} has {size:,} bytes; a tokenizer has {MOST_BYTES:,} at most. {REPAIR_HINT}"
        )
    refuse_pointer(path)


def check_sentencepiece(folder: TokenizerFolder) -> None:
    """See that SentencePiece's files, where nothing else is there, can be read.

    Raises:
        MissingExtraError: The optional packages of the extra ``sentencepiece`` are not installed.
    """
    if folder.is_complete or not folder.sentencepiece_names:
        return
    for package in ("sentencepiece", "google.protobuf"):
        if not _is_installed(package):
            raise MissingExtraError(
                f"{folder.path / folder.sentencepiece_names[0]} is read with sentencepiece and "
                f"protobuf: pip install 'nlu-lite[sentencepiece]'."
            )


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False
