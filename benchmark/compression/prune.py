"""Pruning by magnitude: the smallest weights become zero, once and without training again.

Zeros are left out of the file where that saves bytes (one bit marks each weight), which begins at
about one in 32 for float32. Networks run dense, so pruning saves no time.
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
class Prune(WeightCompression):
    """Set small weights to zero, and store them sparse where that is smaller.

    Of linear layers and convolutions: the smallest `percent` of the whole network, or all with a
    magnitude below `threshold`. One of the two is given.
    """

    paper: ClassVar[str] = "Han et al. 2015, https://arxiv.org/abs/1506.02626"
    pattern: ClassVar[str | None] = r"prune(?P<percent>\d{1,2})?"

    percent: Annotated[float, Field(gt=0, lt=100)] | None = None
    threshold: Annotated[float, Field(gt=0)] | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.threshold is None):
            raise ValueError("prune takes a percent or a threshold, and not both")

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.weight import change_matrices

        if self.threshold is not None:
            limit = self.threshold
            return change_matrices(
                weights, lambda w: w.with_values(w.values.where(w.values.abs() >= limit, 0.0))
            )
        kept = self._kept(weights)
        return {
            name: w.with_values(w.values.where(kept[name], 0.0)) if name in kept else w
            for name, w in weights.items()
        }

    def _kept(self, weights: dict[str, Weight]) -> dict[str, Tensor]:
        """For each weight of a linear layer or a convolution, which values stay."""
        import torch

        matrices = {name: w.values for name, w in weights.items() if w.is_matrix}
        if not matrices:
            return {}
        magnitudes = torch.cat([values.flatten().abs() for values in matrices.values()])
        assert self.percent is not None
        count = round(len(magnitudes) * self.percent / 100)
        kept = torch.ones(len(magnitudes), dtype=torch.bool)
        # Quantised weights have many equal magnitudes: a threshold would prune far too many.
        kept[magnitudes.argsort(stable=True)[:count]] = False
        parts = torch.split(kept, [values.numel() for values in matrices.values()])
        return {n: part.view(v.shape) for (n, v), part in zip(matrices.items(), parts, strict=True)}
