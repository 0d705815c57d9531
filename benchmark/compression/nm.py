"""N:M sparsity: N of every M consecutive inputs keep their weights.

Sparse tensor cores accelerate this pattern (2:4). Here it only determines which weights are zero.
Zeros are left out of the file; networks run dense.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class NM(WeightCompression):
    """Keep the `n` largest of every `m` weights along the inputs of a layer.

    It applies to linear layers and convolutions. Inputs are features or channels; each position of
    a kernel is treated separately. A layer whose number of inputs is not a multiple of `m` (a
    depthwise convolution has one input) is unchanged, as on sparse hardware.
    """

    paper: ClassVar[str] = "Mishra et al. 2021, https://arxiv.org/abs/2104.08378"

    n: Annotated[int, Field(ge=1)] = 2
    m: Annotated[int, Field(ge=2)] = 4

    def __post_init__(self) -> None:
        if self.n >= self.m:
            raise ValueError(f"n must be below m, not {self.n} of {self.m}")

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.weight import change_matrices

        return change_matrices(weights, lambda w: w.masked(self._kept(w.values)))

    def _kept(self, values: Tensor) -> Tensor:
        """A mask of the values to keep."""
        import torch

        if values.shape[1] % self.m:
            return torch.ones_like(values, dtype=torch.bool)
        rows = values.movedim(1, -1)
        groups = rows.reshape(*rows.shape[:-1], -1, self.m)
        order = groups.abs().argsort(dim=-1, descending=True, stable=True)
        kept = torch.zeros_like(groups, dtype=torch.bool)
        kept = kept.scatter(-1, order[..., : self.n], True)
        return kept.flatten(-2).movedim(-1, 1)
