"""Time of our CTC beside torch's own, one thread: `python performance/ctc_speed.py`."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch.nn import functional

from benchmark.models.networks.ctc_loss import mean_ctc_loss

ROUNDS = 20
SIZES = [(8, 50, 64, 25), (8, 100, 64, 30), (8, 400, 64, 100), (8, 100, 1500, 30)]
"""Utterances, frames, classes, units."""


def passes(
    num_utterances: int, num_frames: int, num_classes: int, num_units: int
) -> dict[str, Callable[[], None]]:
    """What is timed: torch's first order, ours, and ours with a second derivative."""
    logits = torch.randn(num_utterances, num_frames, num_classes, requires_grad=True)
    targets = torch.randint(1, num_classes, (num_utterances, num_units))
    sizes = torch.full((num_utterances,), num_frames), torch.full((num_utterances,), num_units)

    def native() -> None:
        log_probs = logits.log_softmax(-1).transpose(0, 1)
        functional.ctc_loss(log_probs, targets, *sizes, zero_infinity=True).backward()

    def first() -> None:
        mean_ctc_loss(logits, sizes[0], targets, sizes[1]).backward()

    def second() -> None:
        loss = mean_ctc_loss(logits, sizes[0], targets, sizes[1])
        (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
        gradient.square().sum().backward()

    return {"native": native, "first": first, "second": second}


def milliseconds(timed: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Shortest time of each over interleaved rounds."""
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(ROUNDS):
        for name, run in timed.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], 1000 * (time.perf_counter() - start))
    return best


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"{'N x T x C x S':>20} {'native ms':>10} {'ours':>7} {'second order':>13}")
    for size in SIZES:
        best = milliseconds(passes(*size))
        ratios = best["first"] / best["native"], best["second"] / best["native"]
        label = " x ".join(map(str, size))
        print(f"{label:>20} {best['native']:10.2f} {ratios[0]:6.2f}x {ratios[1]:12.2f}x")


if __name__ == "__main__":
    main()
