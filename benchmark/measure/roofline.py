"""The roofline model: the work of a network, and the peak speed of a device.

Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52 (4), 2009.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

REPETITIONS = 8


@dataclass(frozen=True)
class Work:
    """The work of one inference.

    flops             of matrix products and convolutions; a multiplication and an addition are two
    weights           number of floating point parameters and buffers
    activation_bytes  bytes that those operations read, other than weights, and write
    """

    flops: int
    weights: int
    activation_bytes: int


@dataclass(frozen=True)
class Roof:
    """Measured peaks, not those of a data sheet.

    flops_per_second  products of two float32 matrices
    bytes_per_second  a copy much larger than a cache, each byte read and written
    """

    flops_per_second: float
    bytes_per_second: float

    def share(self, flops: float, bytes_moved: float, seconds: float) -> float:
        """The attained share of the peak speed for this work; 1 is the roofline."""
        best = max(flops / self.flops_per_second, bytes_moved / self.bytes_per_second)
        return best / seconds


def measure_roof(device: str) -> Roof:
    """The roof with torch's current threads, the best of several repetitions."""
    import torch

    gpu = device.startswith("cuda")
    side, count = (8192, 2**28) if gpu else (1024, 2**26)
    left, right = (torch.rand(side, side, device=device) for _ in range(2))
    source = torch.rand(count, device=device)
    target = torch.empty_like(source)

    def fastest(work: Callable[[], object]) -> float:
        return min(_seconds(work, device if gpu else None) for _ in range(REPETITIONS))

    product = fastest(lambda: torch.mm(left, right, out=target[: side * side].view(side, side)))
    copy = fastest(lambda: target.copy_(source))
    return Roof(2 * side**3 / product, 2 * source.nbytes / copy)


def _seconds(work: Callable[[], object], gpu: str | None) -> float:
    import torch

    if gpu:
        torch.cuda.synchronize(gpu)
    start = time.perf_counter()
    work()
    if gpu:
        torch.cuda.synchronize(gpu)
    return time.perf_counter() - start
