"""A text that a tokenizer makes pieces of, to see by it what it puts around a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokenizers import Tokenizer

from nlu_lite.errors import ModelError

# Short texts of which nearly every tokenizer makes pieces; where it makes none, entries of its
# vocabulary are tried.
_PROBES = ("a", "the", "1", "\u4e2d")
_MOST_PROBES = 1000


def find_probe(tokenizer: Tokenizer) -> str:
    """A short text that a tokenizer makes pieces of.

    Raises:
        ModelError: There is none.
    """
    for text in _list_probes(tokenizer):
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        encoding = tokenizer.encode(text)
        begin, end = find_text(encoding, 0)
        if plain and encoding.ids[begin:end] == plain:
            return text
    raise ModelError(
        f"The tokenizer turns {_PROBES[0]!r} into "
        f"{tokenizer.encode(_PROBES[0], add_special_tokens=False).ids}, with special pieces into "
        f"{tokenizer.encode(_PROBES[0]).ids}; that is not usable."
    )


def _list_probes(tokenizer: Tokenizer) -> Iterator[str]:
    yield from _PROBES
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    vocabulary = tokenizer.get_vocab(with_added_tokens=False).keys() - added
    yield from sorted(vocabulary)[:_MOST_PROBES]


def find_text(encoding: Any, number: int) -> tuple[int, int]:  # noqa: ANN401
    """Where the pieces of one of the texts of an encoding begin and end, half-open."""
    pieces = [position for position, owner in enumerate(encoding.sequence_ids) if owner == number]
    return (pieces[0], pieces[-1] + 1) if pieces else (0, 0)
