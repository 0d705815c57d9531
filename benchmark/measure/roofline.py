"""The roofline of a device: what work it has to do and how fast it could.

Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52 (4), 2009.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

REPETITIONS = 8


@dataclass(frozen=True)
class Work:
    """What one inference takes.

    flops             of matrix products and convolutions; a multiplication and an addition are two
    weights           floating point numbers among parameters and buffers
    activation_bytes  what those products and convolutions read besides weights, and write
    """

    flops: int
    weights: int
    activation_bytes: int


@dataclass(frozen=True)
class Roof:
    """Peaks that were measured, not those of a data sheet.

    flops_per_second  products of two float32 matrices
    bytes_per_second  a copy much larger than a cache, each byte read and written
    """

    flops_per_second: float
    bytes_per_second: float

    def share(self, flops: float, bytes_moved: float, seconds: float) -> float:
        """Which share of the best speed for this work was reached; 1 is all of it."""
        best = max(flops / self.flops_per_second, bytes_moved / self.bytes_per_second)
        return best / seconds


def measure_roof(device: str) -> Roof:
    """The roof with the threads that torch has now; the best of some repetitions."""
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
