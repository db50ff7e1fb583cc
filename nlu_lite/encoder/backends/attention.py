"""Attention over sequences laid end to end: each sees itself only, without mask or padding.

transformers calls the function registered here from inside a model's own forward; what it must know
about the layout comes by a context variable, because not every architecture hands unknown arguments
down to its attention.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import scaled_dot_product_attention

from nlu_lite.encoder.backends.transfers import to_device

NAME = "nlu_lite_packed"


@dataclass
class Layout:
    """How the sequences of one forward lie.

    Attributes:
        lengths: Shape (sequences,): tokens of each, in the order in which they lie; equal lengths
            side by side.
        device: Where the forward runs.
        calls: How often a model has called the attention with this layout.
    """

    lengths: NDArray[np.int64]
    device: torch.device
    calls: int = 0
    _bands: dict[tuple[int, int], torch.Tensor] = field(default_factory=dict)

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

    def band(self, length: int, reach: int) -> torch.Tensor | None:
        """Shape (length, length): positions that see each other in a window; None if all do."""
        if length <= reach + 1:
            return None
        if (length, reach) not in self._bands:
            positions = torch.arange(length, device=self.device)
            self._bands[length, reach] = (positions[:, None] - positions[None]).abs() <= reach
        return self._bands[length, reach]


_current: ContextVar[Layout | None] = ContextVar("nlu_lite_packed_layout", default=None)


@contextmanager
def laid_out(layout: Layout) -> Iterator[None]:
    """The layout that attention calls of this thread go by."""
    token = _current.set(layout)
    try:
        yield
    finally:
        _current.reset(token)


def packed_attention(
    _module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **_unused: Any,  # noqa: ANN401 - what else an architecture hands to its attention
) -> tuple[torch.Tensor, None]:
    """Attention as transformers' ``AttentionInterface`` wants it.

    Args:
        query: Shape (1, heads, tokens, head width).
        key: Of the same shape.
        value: Of the same shape.
        scaling: Factor of the scores; one over the root of the head width if not given.
        sliding_window: As transformers gives it: one more than the greatest distance that is seen.

    Returns:
        Shape (1, tokens, heads, head width), and None for the weights.

    Raises:
        RuntimeError: Called outside ``laid_out``.
    """
    layout = _current.get()
    if layout is None:
        raise RuntimeError("Packed attention was called for tokens whose layout nobody gave.")
    layout.calls += 1
    reach = None if sliding_window is None else sliding_window - 1
    attend = _varlen if _has_varlen(query) else _run_by_run
    return attend(layout, query[0], key[0], value[0], scaling, reach)[None], None


def _run_by_run(
    layout: Layout,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scaling: float | None,
    reach: int | None,
) -> torch.Tensor:
    """Equal lengths as one batch, without mask or copy; shape (tokens, heads, head width)."""
    heads, tokens, width = query.shape
    out = query.new_empty(tokens, heads, width)
    begin = 0
    for length, count in layout.runs:
        end = begin + length * count
        q, k, v = (
            part[:, begin:end].view(heads, count, length, width).transpose(0, 1)
            for part in (query, key, value)
        )
        band = None if reach is None else layout.band(length, reach)
        seen = scaled_dot_product_attention(q, k, v, attn_mask=band, scale=scaling)
        out[begin:end].view(count, length, heads, width).copy_(seen.transpose(1, 2))
        begin = end
    return out


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


def _varlen(
    layout: Layout,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scaling: float | None,
    reach: int | None,
) -> torch.Tensor:
    """Shape (tokens, heads, head width)."""
    longest = int(layout.lengths.max())
    window = (-1, -1) if reach is None else (reach, reach)
    parts = (part.transpose(0, 1) for part in (query, key, value))
    ends = layout.boundaries
    vectors: torch.Tensor = varlen_kernel()(
        *parts, ends, ends, longest, longest, scale=scaling, window_size=window, num_splits=1
    )
    return vectors


def _no_mask(*_: object, **__: object) -> None:
    """The mask of a packed batch: there is none."""


def register() -> str:
    """Make the function known to transformers; once or often, it is the same.

    Returns:
        The name to give to ``set_attn_implementation``.
    """
    from transformers import AttentionInterface, AttentionMaskInterface

    interface: Any = AttentionInterface
    masks: Any = AttentionMaskInterface
    interface.register(NAME, packed_attention)
    masks.register(NAME, _no_mask)
    return NAME
