"""Quantisation to a table of values that k-means finds: `kmeans4` to `kmeans256`.

The table follows the values where a uniform grid follows their range. Each tensor has its own, as
float16; the rest of the network is stored as fp16, and so are tensors too small to pay for a table.
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
    """Let the weights of each linear layer and convolution share `entries` values.

    Lloyd's algorithm starts from centres at equal distances over the range of the weights
    (`linear`, best in the paper) or from `k-means++`, drawn with `seed`. Pruned weights stay zero:
    one entry is then 0.
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
