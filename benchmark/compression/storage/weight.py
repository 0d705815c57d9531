"""The weights that compressions transform: their values and how they are stored.

A weight always holds exactly the values that its file restores, so the quality measured in memory
is the quality of the file. Techniques can be chained because each reads only the values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.base import Encoding
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.errors import Diverged, Unsupported

if TYPE_CHECKING:
    from benchmark.compression.base import WeightCompression


Coder = Literal["packed", "huffman"]
"""How elements become bytes: packed, or Huffman coded if that takes fewer bytes."""


@dataclass(frozen=True, eq=False)
class Weight:
    """One tensor of a network: float32 `values` (integer buffers keep their type), on the CPU."""

    values: Tensor
    encoding: Encoding
    coder: Coder = "packed"

    @property
    def is_matrix(self) -> bool:
        """Whether this is the weight of a linear layer or a convolution.

        Those hold nearly all bytes. Biases and normalisation weights are few and sensitive, so
        quantisation, pruning and clipping do not change them.
        """
        return self.values.dim() >= 2 and self.values.is_floating_point()

    def with_values(self, values: Tensor) -> Weight:
        """The same encoding with other values, each rounded to the nearest storable one."""
        return replace(self, values=self.encoding.nearest(values))

    def masked(self, kept: Tensor) -> Weight:
        """The same weight with zeros where `kept` is False.

        Raises Unsupported for an encoding that cannot store zero.
        """
        pruned = self.with_values(self.values.where(kept, 0.0))
        if bool(pruned.values[~kept].count_nonzero()):
            raise Unsupported(
                f"weights stored as {self.encoding.name} have no zero among their values; prune"
                " before that"
            )
        return pruned

    def stored_as(self, encoding: Encoding) -> Weight:
        """The same weight in another encoding, rounded to the nearest storable values."""
        return Weight(encoding.nearest(self.values), encoding)


def weights_of(state: Mapping[str, Tensor]) -> dict[str, Weight]:
    """Uncompressed weights of a network's `state_dict`.

    Raises Diverged if a value is infinite or not a number.
    """
    weights = {}
    for name, tensor in state.items():
        values = tensor.detach().cpu().clone()
        if values.is_floating_point():
            values = values.float()
            if not bool(values.isfinite().all()):
                raise Diverged(f"{name} holds values that are infinite or not a number")
        weights[name] = Weight(values, Dense(values.dtype))
    return weights


def compress(state: Mapping[str, Tensor], chain: Iterable[WeightCompression]) -> dict[str, Weight]:
    """The weights of a `state_dict` after each technique of `chain`, from left to right."""
    weights = weights_of(state)
    for technique in chain:
        weights = technique.apply(weights)
    return weights


def change_matrices(
    weights: Mapping[str, Weight], change: Callable[[Weight], Weight]
) -> dict[str, Weight]:
    """`weights` with `change` applied to those of linear layers and convolutions."""
    return {n: change(w) if w.is_matrix else w for n, w in weights.items()}


def halve(weights: Mapping[str, Weight], dtype: torch.dtype) -> dict[str, Weight]:
    """`weights` in which everything stored by value is stored as a 16-bit `dtype`.

    Quantised weights are unchanged. Raises Unsupported if a value is too large for `dtype`.
    """
    return {name: _halved(name, weight, dtype) for name, weight in weights.items()}


def _halved(name: str, weight: Weight, dtype: torch.dtype) -> Weight:
    if weight.encoding.bits is not None or not weight.values.is_floating_point():
        return weight
    halved = weight.stored_as(Dense(dtype))
    if not bool(halved.values.isfinite().all()):
        kind = str(dtype).removeprefix("torch.")
        raise Unsupported(
            f"{name} holds values beyond {torch.finfo(dtype).max:g}, too large for {kind}"
        )
    return halved
