"""Models of sentence-transformers folders that are more, or less, than a transformers model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from nlu_lite.encoder.backends.choose import make_trial_sequences, measure
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.library_backend import LibraryEncoder
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.static_backend import StaticEncoder
from nlu_lite.encoder.models.configuration import read_config
from nlu_lite.encoder.models.library_modules import read_library_modules, read_word_ids
from nlu_lite.encoder.models.loading import load_model
from nlu_lite.encoder.models.module_sequence import (
    ModuleSequence,
    find_first_module,
    read_sequence,
)
from nlu_lite.encoder.models.pieces import PieceTokenizer, load_tokenizer
from nlu_lite.encoder.models.positions import find_longest_sequence
from nlu_lite.encoder.models.sentence_settings import read_transformer_settings
from nlu_lite.encoder.models.static_embedding import read_table, without_special_pieces
from nlu_lite.encoder.models.vocabulary import read_tokenizer
from nlu_lite.errors import ModelError
from nlu_lite.registry import TEXT_VECTORS

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


@dataclass(frozen=True, kw_only=True)
class ModuleModel:
    """What such a folder gives.

    Attributes:
        architecture: Of its transformers model, or the name of its first module.
        tokenizer: Text to pieces.
        encoder: Pieces to vectors.
        max_length: Longest sequence in pieces with the special ones; None if nothing bounds it.
    """

    architecture: str
    tokenizer: PieceTokenizer
    encoder: Encoder
    max_length: int | None


def find_whole_sequence(folder: Path, entry: Entry) -> ModuleSequence | None:
    """The modules of a folder whose vectors of texts the library's modules make; else None.

    Raises:
        ModelError: Its list of modules cannot be read.
    """
    if entry.task != TEXT_VECTORS.name:
        return None
    sequence = read_sequence(folder)
    return sequence if sequence is not None and sequence.library else None


def read_module_model(
    folder: Path, entry: Entry, *, device: torch.device, dtype: torch.dtype
) -> ModuleModel | None:
    """The model of a folder that is no plain transformers model; None where it is one.

    Args:
        folder: The model's.
        entry: What the registry says about it.
        device: Where it computes.
        dtype: In which numbers.

    Raises:
        ModelError: Its files cannot be read.
        MissingExtraError: The library that runs its modules is not installed.
    """
    sequence = find_whole_sequence(folder, entry)
    if sequence is not None:
        return _read_whole(folder, entry, sequence, device, dtype)
    first = find_first_module(folder)
    if first is None or first.kind == "Transformer":
        return None
    if first.kind == "StaticEmbedding" and entry.kind.gives_vectors:
        return _read_static(folder / first.path, entry, device, dtype)
    if (folder / "config.json").is_file():  # another's module around a plain model
        return None
    raise ModelError(
        f"{folder} begins with the module {first.kind!r}, which has no transformers model: it "
        f'gives vectors of texts (task="embed_sentence"), if anything.'
    )


def _read_static(
    folder: Path, entry: Entry, device: torch.device, dtype: torch.dtype
) -> ModuleModel:
    table = read_table(folder).to(device=device, dtype=dtype)
    if entry.dimension not in (None, table.shape[1]):
        raise ModelError(
            f"{folder} has vectors of {table.shape[1]} numbers, the entry of {entry.request!r} "
            f"says {entry.dimension}: not the same model."
        )
    load_tokenizer(folder, entry, vocabulary_size=len(table))  # raises where they do not fit
    tokenizer = without_special_pieces(read_tokenizer(folder, entry))
    return ModuleModel(
        architecture="StaticEmbedding",
        tokenizer=PieceTokenizer(tokenizer),
        encoder=StaticEncoder(table),
        max_length=None,
    )


def _read_whole(
    folder: Path,
    entry: Entry,
    sequence: ModuleSequence,
    device: torch.device,
    dtype: torch.dtype,
) -> ModuleModel:
    """A model whose modules the library runs."""
    modules = read_library_modules(folder, sequence.library, device=device, dtype=dtype)
    forward: Forward | None = None
    longest, gives_layers = None, False
    if sequence.first.kind == "Transformer":
        module_path = folder / sequence.first.listed.path
        settings = read_transformer_settings(module_path)
        config = read_config(module_path, entry)
        gives_layers = settings.gives_layers
        architecture = config.model_type
        size = getattr(config, "vocab_size", None)
        tokenizer = load_tokenizer(module_path, entry, vocabulary_size=size)
        if settings.lowercase:
            tokenizer = tokenizer.lowercased()
        model = load_model(module_path, config, dtype=dtype, device=device)
        longest = find_longest_sequence(model)
        specials = (tokenizer.prefix, tokenizer.suffix)
        sequences = make_trial_sequences(
            model, pad_id=tokenizer.pad_id, specials=specials, longest=longest
        )
        forward = measure(model, sequences, device, Forward.measure)
    else:
        architecture = sequence.first.kind
        tokenizer = read_word_ids(modules[0])
    return ModuleModel(
        architecture=architecture,
        tokenizer=tokenizer,
        encoder=LibraryEncoder(
            forward,
            modules,
            gives_layers=gives_layers,
            trial=[*tokenizer.prefix, *tokenizer(["a"]).ids.tolist(), *tokenizer.suffix],
            device=device,
            subject=f"The modules {', '.join(map(str, sequence.library))} of {folder}",
        ),
        max_length=longest,
    )
