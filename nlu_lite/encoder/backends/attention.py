"""Attention over sequences laid end to end: each sees itself only, without padding."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from nlu_lite.common import Ints
from nlu_lite.encoder.backends.transfers import to_device


@dataclass
class Layout:
    """How the sequences of one forward lie.

    Attributes:
        lengths: Shape (sequences,): tokens of each, in the order in which they lie; equal lengths
            side by side.
        device: Where the forward runs.
    """

    lengths: Ints
    device: torch.device

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Length and number of the sequences of each run of equal lengths."""
        firsts = np.flatnonzero(np.diff(self.lengths, prepend=-1))
        counts = np.diff(firsts, append=len(self.lengths))
        return list(zip(self.lengths[firsts].tolist(), counts.tolist(), strict=True))

    @cached_property
    def boundaries(self) -> torch.Tensor:
        """Shape (sequences + 1,), int32, on the device: begin of each sequence, then the end."""
        ends = np.cumsum(self.lengths, dtype=np.int32)
        return to_device(np.concatenate([np.zeros(1, dtype=np.int32), ends]), self.device)


@dataclass
class View:
    """What a token sees of its sequence in some layers of one forward.

    Attributes:
        reach: How far, in tokens; None for all.
        make_scores: From the length of a sequence to what is added to the scores of its tokens,
            shape (heads, length, length); None for nothing.
    """

    reach: int | None = None
    make_scores: Callable[[int], torch.Tensor] | None = None
    _masks: dict[int, torch.Tensor | None] = field(default_factory=dict)

    def mask(self, length: int, query: torch.Tensor) -> torch.Tensor | None:
        """The mask for sequences of a length; None where a token sees all as it is.

        Args:
            length: Of the sequences, in tokens.
            query: Says on which device and in which numbers the mask is needed.

        Returns:
            Shape (length, length), true where one token sees another, or what is added to the
            scores, shape (heads, length, length).
        """
        if length not in self._masks:
            self._masks[length] = self._make_mask(length, query)
        return self._masks[length]

    def _make_mask(self, length: int, query: torch.Tensor) -> torch.Tensor | None:
        if self.make_scores is not None:
            return self.make_scores(length).to(query.dtype)
        if self.reach is None or length <= self.reach + 1:
            return None
        positions = torch.arange(length, device=query.device)
        return (positions[:, None] - positions[None]).abs() <= self.reach


def attend(
    layout: Layout, view: View, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Attention of every token over its own sequence.

    Args:
        layout: Of the sequences.
        view: What a token sees.
        query: Shape (tokens, heads, head width).
        key: Of the same shape.
        value: Of the same shape.

    Returns:
        Shape (tokens, heads x head width).
    """
    is_varlen = view.make_scores is None and _has_varlen(query)
    states = (_attend_varlen if is_varlen else _attend_by_runs)(layout, view, query, key, value)
    return states.flatten(1)


def _attend_by_runs(
    layout: Layout, view: View, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Equal lengths as one batch, without padding or copy; shape (tokens, heads, head width)."""
    parts = (query, key, value)
    if len(layout.runs) == 1:
        return _attend_one_run(*layout.runs[0], view, *parts)
    result = query.new_empty(query.shape)
    begin = 0
    for length, count in layout.runs:
        end = begin + length * count
        run = (part[begin:end] for part in parts)
        result[begin:end] = _attend_one_run(length, count, view, *run)
        begin = end
    return result


def _attend_one_run(
    length: int,
    count: int,
    view: View,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
) -> torch.Tensor:
    """Shape (count x length, heads, head width), of sequences of one length."""
    # (tokens, heads, width) -> (count, heads, length, width)
    shape = (count, length, *query.shape[1:])
    q, k, v = (part.view(shape).transpose(1, 2) for part in (query, key, value))
    states = scaled_dot_product_attention(q, k, v, attn_mask=view.mask(length, query))
    return states.transpose(1, 2).flatten(0, 1)


def _has_varlen(query: torch.Tensor) -> bool:
    return (
        query.device.type == "cuda"
        and query.dtype in (torch.bfloat16, torch.float16)
        and varlen_kernel() is not None
    )


@cache
def varlen_kernel() -> Any:  # noqa: ANN401 - a function of torch, None where it has none
    """The kernel that takes sequences of all lengths at once, on CUDA and in half precision."""
    try:
        from torch.nn.attention import varlen
    except ImportError:
        return None
    kernel = getattr(varlen, "varlen_attn", None)
    # Without this parameter a sequence's result would hang on the longest one beside it.
    return (
        kernel
        if kernel is not None and "num_splits" in inspect.signature(kernel).parameters
        else None
    )


def _attend_varlen(
    layout: Layout, view: View, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Shape (tokens, heads, head width)."""
    longest = int(layout.lengths.max())
    window = (-1, -1) if view.reach is None else (view.reach, view.reach)
    ends = layout.boundaries
    vectors: torch.Tensor = varlen_kernel()(
        query, key, value, ends, ends, longest, longest, window_size=window, num_splits=1
    )
    return vectors
