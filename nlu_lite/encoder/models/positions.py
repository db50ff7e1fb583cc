"""The longest sequence that a model has positions for, asked of the model itself."""

from __future__ import annotations

from typing import Any

# How configurations state the limit; the second is MPT's.
_LIMITS = ("max_position_embeddings", "max_seq_len")
# What the modules are called that hold a vector for each position.
_TABLES = frozenset(
    {
        "position_embeddings",
        "position_embedding",
        "embed_positions",
        "positions_embed",
        "wpe",
    }
)


def find_longest_sequence(model: Any) -> int | None:  # noqa: ANN401 - transformers.PreTrainedModel
    """The longest sequence a model has positions for, in pieces with the special ones.

    Models count positions from 0, or like RoBERTa from behind the padding id: then the table of
    their positions says which id that is.

    Args:
        model: A transformers model, with or without its weights.

    Returns:
        None if nothing bounds it.
    """
    config = model.config.get_text_config()
    stated = (getattr(config, name, None) for name in _LIMITS)
    limits = [limit for limit in stated if isinstance(limit, int) and limit > 0]
    table = _find_table(model)
    if table is not None:
        size, first = table
        limits.append(size - first)
    return min(limits, default=None)


def _find_table(model: Any) -> tuple[int, int] | None:  # noqa: ANN401
    """How many vectors the table of positions has, and the first that a text gets."""
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if name.rpartition(".")[2] not in _TABLES or weight is None or weight.ndim != 2:
            continue
        # A module of BART's kind keeps the number of vectors that stand in front.
        offset = getattr(module, "offset", 0)
        padding = getattr(module, "padding_idx", None)
        first = offset if padding is None else padding + 1
        return int(weight.shape[0]), int(first)
    return None
