"""The forward of the BERT family: token ids laid end to end -> the states of its layers.

Shapes: ``tokens`` are those of all sequences of a batch, special ones included, without padding;
``width`` is that of a state, ``heads x head width``.

The numbers are those of transformers 5.23: ``modeling_bert.py`` and its kin for layers whose norms
stand behind (BERT, RoBERTa, DistilBERT, ELECTRA, ALBERT, MPNet), ``modeling_modernbert.py`` for
layers whose norms stand in front.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import torch
from torch.nn import functional

from nlu_lite.encoder.backends.attention import Layout, View, attend
from nlu_lite.encoder.backends.products import Activation, Product


@dataclass(frozen=True, eq=False)
class Norm:
    """A layer norm.

    Attributes:
        weight: Shape (width,).
        bias: Shape (width,); None where there is none.
        epsilon: Added to the variance.
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    epsilon: float

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Shape (tokens, width) -> the same shape."""
        return functional.layer_norm(
            states, self.weight.shape, self.weight, self.bias, self.epsilon
        )


@dataclass(frozen=True, eq=False)
class Embeddings:
    """From ids to the states that enter the first layer.

    Attributes:
        words: Shape (vocabulary, embedding width).
        positions: Shape (positions, embedding width), with the vector of the first type of token
            added; None where layers tell places apart.
        norm: Of what is looked up.
        projection: From the embedding width to that of states; None where they are the same.
    """

    words: torch.Tensor
    positions: torch.Tensor | None
    norm: Norm
    projection: Product | None

    def __call__(self, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Ids and positions, each of shape (tokens,) -> shape (tokens, width)."""
        states = functional.embedding(ids, self.words)
        if self.positions is not None:
            states += functional.embedding(positions, self.positions)
        states = self.norm(states)
        return states if self.projection is None else self.projection(states)


@dataclass(frozen=True, eq=False)
class RelativePositions:
    """What is added to scores by how far two tokens are apart.

    Source: ``MPNetEncoder.compute_position_bias`` of transformers 5.23.

    Attributes:
        table: Shape (buckets, heads): half of the buckets for tokens in front, half for those
            behind.
    """

    table: torch.Tensor
    _FARTHEST = 128

    def __call__(self, length: int) -> torch.Tensor:
        """Shape (heads, length, length) for a sequence of so many tokens."""
        positions = torch.arange(length, device=self.table.device)
        distances = positions[None] - positions[:, None]
        half = len(self.table) // 2
        exact = half // 2
        sizes = distances.abs()
        steps = torch.log(sizes.float() / exact) / math.log(self._FARTHEST / exact)
        far = exact + (steps * (half - exact)).clamp(min=0).to(torch.long)
        buckets = torch.where(sizes < exact, sizes, far.clamp(max=half - 1))
        buckets = buckets + half * (distances > 0)
        return functional.embedding(buckets, self.table).permute(2, 0, 1)


@dataclass(frozen=True, eq=False)
class Rotation:
    """Queries and keys are turned by an angle for their position.

    Attributes:
        base: The longest of its wavelengths, by 2 pi.
    """

    base: float

    def make_angles(self, positions: torch.Tensor, head_width: int) -> torch.Tensor:
        """Shape (tokens,) -> (tokens, 1, head width), in radians."""
        exponents = torch.arange(0, head_width, 2, dtype=torch.float32, device=positions.device)
        frequencies = 1.0 / (self.base ** (exponents / head_width))
        angles = positions[:, None].float() * frequencies
        return torch.cat((angles, angles), dim=-1)[:, None]

    @staticmethod
    def turn(states: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        """Shape (tokens, heads, head width) -> the same shape.

        Sine and cosine are rounded to the states' numbers, as transformers does.
        """
        first, second = states.float().chunk(2, dim=-1)
        cosines, sines = (part.to(states.dtype) for part in (angles.cos(), angles.sin()))
        turned = torch.cat((-second, first), dim=-1)
        return (states.float() * cosines + turned * sines).to(states.dtype)


@dataclass(frozen=True, eq=False)
class Scope:
    """What the attention of some layers sees, and how it tells places apart.

    Attributes:
        heads: How many.
        reach: How far a token sees, in tokens; None for all.
        relative: What distances add to scores; None for nothing.
        rotation: How places turn queries and keys; None for not at all.
    """

    heads: int
    reach: int | None = None
    relative: RelativePositions | None = None
    rotation: Rotation | None = None


class Attention:
    """The attention of one forward, for the layers of one scope.

    Args:
        scope: Of these layers.
        layout: Of the sequences.
        positions: Shape (tokens,): of each in its sequence.
    """

    def __init__(self, scope: Scope, layout: Layout, positions: torch.Tensor) -> None:
        self._scope, self._layout, self._positions = scope, layout, positions
        self._view = View(reach=scope.reach, make_scores=scope.relative)
        self._angles: torch.Tensor | None = None

    def __call__(self, joined: torch.Tensor) -> torch.Tensor:
        """Shape (tokens, 3 x width): queries, keys and values -> (tokens, width)."""
        query, key, value = joined.view(len(joined), 3, self._scope.heads, -1).unbind(1)
        if self._scope.rotation is not None:
            rotation = self._scope.rotation
            if self._angles is None:
                self._angles = rotation.make_angles(self._positions, query.shape[-1])
            query, key = (rotation.turn(part, self._angles) for part in (query, key))
        return attend(self._layout, self._view, query, key, value)


class Layer(Protocol):
    """Attention and two products, with their norms."""

    @property
    def scope(self) -> Scope:
        """What its attention sees."""

    def __call__(
        self, states: torch.Tensor, attention: Attention, tokens: torch.Tensor | None
    ) -> torch.Tensor:
        """From the states of all tokens to those of some.

        Args:
            states: Shape (all tokens, width).
            attention: Of the layer's scope.
            tokens: Shape (tokens,): whose states are needed behind the layer; None for all.

        Returns:
            Shape (tokens, width).
        """


@dataclass(frozen=True, eq=False)
class PostNormLayer:
    """A layer whose norms stand behind its sums, as BERT's.

    Attributes:
        scope: As in ``Layer``.
        joined: From states to queries, keys and values side by side.
        output: From what the heads saw to states.
        attention_norm: Of the sum with what came in.
        inner: To the inner width, with the activation.
        outer: Back to the width of states.
        norm: Of the sum with what came before the two.
    """

    scope: Scope
    joined: Product
    output: Product
    attention_norm: Norm
    inner: Product
    outer: Product
    norm: Norm

    def __call__(
        self, states: torch.Tensor, attention: Attention, tokens: torch.Tensor | None
    ) -> torch.Tensor:
        """As ``Layer``."""
        seen = attention(self.joined(states))
        states, seen = select(states, tokens), select(seen, tokens)
        states = self.attention_norm(self.output(seen, residual=states))
        return self.norm(self.outer(self.inner(states), residual=states))


@dataclass(frozen=True, eq=False)
class PreNormLayer:
    """A layer whose norms stand in front, and whose inner numbers open or close others.

    ModernBERT's.

    Attributes:
        scope: As in ``Layer``.
        attention_norm: Before the attention; None where the states are normed already.
        joined: From states to queries, keys and values side by side.
        output: From what the heads saw to states.
        norm: Before the two products.
        inner: To twice the inner width: what is activated, and what it is multiplied with.
        activation: Of the first half.
        outer: Back to the width of states.
    """

    scope: Scope
    attention_norm: Norm | None
    joined: Product
    output: Product
    norm: Norm
    inner: Product
    activation: Activation
    outer: Product

    def __call__(
        self, states: torch.Tensor, attention: Attention, tokens: torch.Tensor | None
    ) -> torch.Tensor:
        """As ``Layer``."""
        normed = states if self.attention_norm is None else self.attention_norm(states)
        seen = attention(self.joined(normed))
        states, seen = select(states, tokens), select(seen, tokens)
        states = self.output(seen, residual=states)
        inner, gate = self.inner(self.norm(states)).chunk(2, dim=-1)
        return self.outer(self.activation.compute(inner).mul_(gate), residual=states)


@dataclass(frozen=True, eq=False)
class Transformer:
    """A model of the BERT family, ready to be run.

    Attributes:
        embeddings: What enters the first layer.
        layers: One after the other; one that is repeated stands there as often.
        final_norm: Of what leaves the last layer; None where there is none.
        width: Of a state.
    """

    embeddings: Embeddings
    layers: tuple[Layer, ...]
    final_norm: Norm | None
    width: int

    def __call__(
        self,
        ids: torch.Tensor,
        positions: torch.Tensor,
        layout: Layout,
        *,
        layers: Collection[int],
        tokens: torch.Tensor | None,
    ) -> dict[int, torch.Tensor]:
        """The states of some tokens in some layers; what nobody asked for is not computed.

        Args:
            ids: Shape (all tokens,).
            positions: Shape (all tokens,): of each in its sequence, as the model counts them.
            layout: Of the sequences.
            layers: From 0, what enters the first layer, to the number of layers.
            tokens: Shape (tokens,): which ones, each once; None for all.

        Returns:
            By layer, shape (tokens, width).
        """
        top = max(layers)
        attentions = {
            scope: Attention(scope, layout, positions)
            for scope in {layer.scope for layer in self.layers}
        }
        states = self.embeddings(ids, positions)
        kept: dict[int, torch.Tensor] = {}
        for number, layer in enumerate(self.layers[:top]):
            if number in layers:
                kept[number] = select(states, tokens)
            needed = tokens if number + 1 == top else None
            states = layer(states, attentions[layer.scope], needed)
        if top == 0:
            states = select(states, tokens)
        if top == len(self.layers) and self.final_norm is not None:
            states = self.final_norm(states)
        kept[top] = states
        return kept


def select(states: torch.Tensor, tokens: torch.Tensor | None) -> torch.Tensor:
    """Shape (all tokens, width) -> (tokens, width); all where None are named."""
    return states if tokens is None else states.index_select(0, tokens)
