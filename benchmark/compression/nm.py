"""N:M sparsity: of every M inputs in a row, N weights are left.

The pattern that sparse tensor cores run (2:4). Here it is a way to choose zeros, which are left out
of the file; networks run dense.
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

    Of linear layers and convolutions. Inputs are features or channels; each position of a kernel
    is a row of its own. A layer whose number of inputs is no multiple of `m` (a depthwise
    convolution has one) stays as it is, as sparse hardware has it.
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
        """Which values stay."""
        import torch

        if values.shape[1] % self.m:
            return torch.ones_like(values, dtype=torch.bool)
        rows = values.movedim(1, -1)
        groups = rows.reshape(*rows.shape[:-1], -1, self.m)
        order = groups.abs().argsort(dim=-1, descending=True, stable=True)
        kept = torch.zeros_like(groups, dtype=torch.bool)
        kept = kept.scatter(-1, order[..., : self.n], True)
        return kept.flatten(-2).movedim(-1, 1)
