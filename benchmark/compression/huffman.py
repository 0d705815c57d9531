"""Huffman coding of what a file holds: the last step of Deep Compression.

Nothing is lost: frequent codes take few bits, rare ones more. After `kmeans` or `intN` it codes
indices and codes, after pruning also the gaps between weights that are left. What is stored value
by value is coded byte by byte, which saves a third of bf16 and a sixth of float32, since exponents
are alike; the bits of a mantissa are as good as random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import Step, WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Huffman(WeightCompression):
    """Write what is stored in Huffman codes, where they take fewer bytes.

    Each tensor has codes of its own. Loading decodes them, so that a network runs as it would
    without.
    """

    paper: ClassVar[str] = "Han et al. 2016 (Deep Compression), https://arxiv.org/abs/1510.00149"
    step: ClassVar[Step] = "code"

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.codec import encode

        def coded(name: str, weight: Weight) -> Weight:
            after = replace(weight, coder="huffman")
            return after if encode(name, after).layout.huffman else weight

        return {name: coded(name, weight) for name, weight in weights.items()}
