"""The module StaticEmbedding: a table with a vector for each piece, and a tokenizer of its own.

Source: ``sentence_transformer/modules/static_embedding.py`` of sentence-transformers 6.2.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from nlu_lite.encoder.models.sentence_settings import TransformerSettings
from nlu_lite.encoder.models.sentence_steps import read_tensors
from nlu_lite.errors import ModelError
from nlu_lite.weights import COMPLETE_TOKENIZER, REPAIR_HINT

_KINDS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def read_static_settings(folder: Path) -> TransformerSettings:
    """How its tokenizer cuts long texts, the only setting there is.

    Args:
        folder: The module's.

    Raises:
        ModelError: The tokenizer's file cannot be read.
    """
    path = folder / COMPLETE_TOKENIZER
    try:
        truncation = Tokenizer.from_file(str(path)).truncation
    except Exception as error:  # the tokenizers library raises bare Exception for a faulty file
        raise ModelError(f"{path} cannot be read: {error!s:.500}. {REPAIR_HINT}") from error
    if truncation is None:
        return TransformerSettings()
    return TransformerSettings(
        max_length=truncation["max_length"], cuts_front=truncation["direction"] == "left"
    )


def without_special_pieces(tokenizer: Tokenizer) -> Tokenizer:
    """A copy of a tokenizer that puts nothing around a text, as the module asks of it.

    Args:
        tokenizer: Stays as it is.
    """
    rules = json.loads(tokenizer.to_str())
    rules["post_processor"] = None
    return Tokenizer.from_str(json.dumps(rules))


def read_table(folder: Path) -> torch.Tensor:
    """The vector of each piece.

    Args:
        folder: The module's.

    Returns:
        Shape (pieces, dimension), of the kind of number that is stored. Where model2vec stored rows
        that several pieces share, or weights of pieces, they are worked in.

    Raises:
        ModelError: The weights cannot be read, or are no table.
    """
    tensors = read_tensors(folder)
    table = tensors.get("embedding.weight", tensors.get("embeddings"))
    rows, weights = tensors.get("mapping"), tensors.get("weights")
    if "embedding.weight" in tensors:
        rows = weights = None
    if table is None or table.ndim != 2 or not table.numel() or table.dtype not in _KINDS:
        kind = None if table is None else f"{tuple(table.shape)} of {table.dtype}"
        raise ModelError(
            f"The weights in {folder} hold the table {kind}; it must be embedding.weight (or "
            f"model2vec's embeddings), of shape (pieces, dimension) and of real numbers."
        )
    try:
        if rows is not None:
            table = table[rows.long()]
        if weights is not None:
            precise = torch.promote_types(table.dtype, torch.float32)
            table = (table.to(precise) * weights[:, None]).to(precise)
    except (RuntimeError, IndexError) as error:
        raise ModelError(
            f"The weights in {folder} do not belong together: {error!s:.500}"
        ) from error
    return table
