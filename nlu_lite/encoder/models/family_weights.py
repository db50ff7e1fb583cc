"""Weights of the BERT family, taken by name: each once, and none left over.

What files hold beside the encoder must be a known head. Where a name, a shape or a number format is
another, the model is left to transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from nlu_lite.encoder.models.family import COUNTED, LABEL_HEADS, Architecture
from nlu_lite.encoder.models.family_settings import NotOfTheFamilyError

# What old files call the weight and the bias of a layer norm.
_OLD_NAMES = {".gamma": ".weight", ".beta": ".bias"}


class FamilyWeights:
    """The weights of a model, each to be taken once.

    Args:
        tensors: The name of each as the files have it, and what reads it.
        architecture: Says what they are called.
        dtype: The numbers that are wanted.
        device: Where they are wanted.

    Raises:
        NotOfTheFamilyError: Two have one name, or the names are not the architecture's.
    """

    def __init__(
        self,
        tensors: Iterable[tuple[str, Callable[[], torch.Tensor]]],
        architecture: Architecture,
        *,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._architecture = architecture
        self._dtype, self._device = dtype, device
        self._left: dict[str, Callable[[], torch.Tensor]] = {}
        for name, read in tensors:
            new_name = _rename(name)
            if new_name in self._left:
                raise NotOfTheFamilyError(f"two weights are called {new_name}")
            self._left[new_name] = read
        prefix, words = architecture.prefix, f"{architecture.names['words']}.weight"
        self._prefix = prefix if prefix + words in self._left else ""

    def has(self, role: str) -> bool:
        """Whether there is a weight for something that a model may lack."""
        name = self._architecture.names.get(role)
        return name is not None and f"{self._prefix}{name}.weight" in self._left

    def take(self, role: str, *shape: int, layer: int = 0) -> torch.Tensor:
        """The weight of a part of the encoder.

        Args:
            role: A name of ``Architecture.names``.
            shape: Which it must have.
            layer: Number of the layer, or group of layers.

        Raises:
            NotOfTheFamilyError: There is none, or of another shape, or it holds no fractions.
        """
        return self._take(f"{self._find_name(role, layer)}.weight", shape)

    def take_bias(self, role: str, width: int, layer: int = 0) -> torch.Tensor:
        """The bias of a part of the encoder; as ``take``."""
        return self._take(f"{self._find_name(role, layer)}.bias", (width,))

    def take_linear(
        self, name: str, width_out: int, width_in: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The weight and the bias of a linear layer of a head or a pooler; as ``take``.

        Args:
            name: Of ``Architecture.word_head`` or ``text_head``.
            width_out: Numbers that come out.
            width_in: Numbers that go in.
        """
        if name in self._architecture.names:
            name = self._find_name(name, 0)
        weight = self._take(f"{name}.weight", (width_out, width_in))
        return weight, self._take(f"{name}.bias", (width_out,))

    def check_rest(self) -> None:
        """Raise NotOfTheFamilyError where weights are left that are no known head's."""
        counted = [self._prefix + name for name in COUNTED]
        pooler = self._architecture.names.get("pooler")
        prefixes = (*self._architecture.heads, *LABEL_HEADS)
        if pooler is not None:
            prefixes += (f"{self._prefix}{pooler}.",)
        for name in self._left:
            if name not in counted and not name.startswith(prefixes):
                raise NotOfTheFamilyError(f"there is the weight {name}")

    def _find_name(self, role: str, layer: int) -> str:
        return self._prefix + self._architecture.names[role].format(layer)

    def _take(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        read = self._left.pop(name, None)
        if read is None:
            raise NotOfTheFamilyError(f"there is no weight {name}")
        tensor = read()
        if not isinstance(tensor, torch.Tensor):
            raise NotOfTheFamilyError(f"{name} is no tensor")
        if tuple(tensor.shape) != shape or not tensor.dtype.is_floating_point:
            raise NotOfTheFamilyError(
                f"the weight {name} is {tensor.dtype} of shape {tuple(tensor.shape)}"
            )
        # A copy: files may be written while they are in use.
        return tensor.to(device=self._device, dtype=self._dtype, copy=True).contiguous()


def _rename(name: str) -> str:
    """The name that new files have for a weight."""
    for old, new in _OLD_NAMES.items():
        if name.endswith(old):
            return name.removesuffix(old) + new
    return name
