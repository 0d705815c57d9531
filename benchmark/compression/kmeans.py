"""Quantisation to a codebook fitted by k-means: `kmeans4` to `kmeans256`.

A codebook follows the distribution of the values, while a uniform grid follows only their range.
Each tensor has its own codebook in float16. The rest of the network is stored as fp16, and so are
tensors that are too small for a codebook to pay off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class KMeans(WeightCompression):
    """Quantise the weights of each linear layer and convolution to `entries` shared values.

    Lloyd's algorithm starts from equally spaced centres over the range of the weights (`linear`,
    best in the paper) or from `k-means++`, drawn with `seed`. Pruned weights stay zero: one entry
    is then 0.
    """

    paper: ClassVar[str] = "Han et al. 2016 (Deep Compression), https://arxiv.org/abs/1510.00149"
    pattern: ClassVar[str | None] = r"kmeans(?P<entries>\d+)"

    entries: Annotated[int, Field(ge=4, le=256)] = 16
    init: Literal["linear", "k-means++"] = "linear"
    seed: Annotated[int, Field(ge=0)] = 0

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        import torch

        from benchmark.compression.storage.clusters import fit_codebook
        from benchmark.compression.storage.weight import change_matrices, halve

        def shared(weight: Weight) -> Weight:
            codebook = fit_codebook(weight.values, self.entries, self.init, self.seed)
            count = weight.values.numel()
            pays = count * codebook.bits + 16 * len(codebook.table) < 16 * count
            return weight.stored_as(codebook) if pays else weight

        return halve(change_matrices(weights, shared), torch.float16)
