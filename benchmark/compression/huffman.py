"""Huffman coding of stored weights: the last step of Deep Compression.

It is lossless: frequent symbols take few bits, rare ones more. After `kmeans` or `intN` it codes
indices and codes, after pruning also the gaps between nonzero weights. Weights stored by value are
coded byte by byte, which saves a third of bf16 and a sixth of float32, because exponents are
similar while the bits of a mantissa are nearly random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import Step, WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Huffman(WeightCompression):
    """Store weights as Huffman codes if they take fewer bytes.

    Each tensor has its own code. Loading decodes it, so the network runs as without.
    """

    paper: ClassVar[str] = "Han et al. 2016 (Deep Compression), https://arxiv.org/abs/1510.00149"
    step: ClassVar[Step] = "code"

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.codec import encode

        def coded(name: str, weight: Weight) -> Weight:
            after = replace(weight, coder="huffman")
            return after if encode(name, after).layout.huffman else weight

        return {name: coded(name, weight) for name, weight in weights.items()}
