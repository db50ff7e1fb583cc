"""Models in memory: read once a process, shared by everything that asks for the same one, bounded in number."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.encoder.choose import choose_encoder
from nlu_lite.encoder.encoder import Encoder
from nlu_lite.encoder.loading import choose_device, choose_dtype, load_model, longest_sequence, read_config
from nlu_lite.encoder.pieces import PieceTokenizer, load_tokenizer
from nlu_lite.encoder.threads import limit
from nlu_lite.errors import ModelError

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

MOST_MODELS = 4


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to encode.

    Attributes:
        folder: Where it was read from.
        tokenizer: Text to pieces.
        encoder: Pieces to vectors.
        max_length: Longest sequence in pieces with the special ones; None if nothing bounds it.
    """

    folder: Path
    tokenizer: PieceTokenizer
    encoder: Encoder
    max_length: int | None


_lock = threading.Lock()
_loading: dict[tuple[object, ...], threading.Lock] = {}
_models: OrderedDict[tuple[object, ...], LoadedModel] = OrderedDict()


def get(folder: Path, entry: Entry, *, device: str, dtype: str) -> LoadedModel:
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
    place = choose_device(device)
    number = choose_dtype(dtype, place)
    key = (folder.resolve(), entry.architecture, entry.tokenizer, entry.lowercase, entry.max_length, str(place), number)
    with _lock:
        turn = _loading.setdefault(key, threading.Lock())
    with turn:
        with _lock:
            if key in _models:
                _models.move_to_end(key)
                return _models[key]
        limit()
        config = read_config(folder, entry)
        tokenizer = load_tokenizer(folder, entry, vocabulary_size=getattr(config, "vocab_size", None))
        longest = longest_sequence(config, entry)
        if longest is not None and longest <= tokenizer.specials:
            raise ModelError(f"{folder} takes {longest} pieces, all of them special: no room for text.")
        model = load_model(folder, config, dtype=number, device=place)
        encoder = choose_encoder(model, pad_id=tokenizer.pad_id, device=place, longest=longest)
        loaded = LoadedModel(folder, tokenizer, encoder, longest)
        with _lock:
            _models[key] = loaded
            while len(_models) > MOST_MODELS:
                _models.popitem(last=False)
        return loaded


def clear_cache() -> None:
    """Forget the models kept in memory; pipelines that are in use keep theirs.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.clear_cache()
    """
    with _lock:
        _models.clear()
        _loading.clear()
