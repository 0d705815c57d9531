"""What methods and optimizers spend: gradients, operations, seconds and memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from benchmark.board.board import Board


@dataclass(frozen=True)
class Spent:
    """The cost of one stage of learning, medians over cells; NaN where not measured.

    The last two are of the optimizer of adaptation.
    """

    axes: dict[str, str]
    gradients: float
    flops: float
    seconds: float
    peak_memory_bytes: float
    stack: float
    """How many learned together."""

    speech_rate: float
    """Seconds of speech learned from per second of the device."""

    optimizer_state_bytes: float
    optimizer_step_seconds: float


@dataclass(frozen=True)
class Spending:
    """Meta-training by method, its warm start included, and adaptation by method and optimizer."""

    meta_training: tuple[Spent, ...]
    adaptation: tuple[Spent, ...]

    stacked: int
    """Cells whose adaptation learned together with others."""

    alone: int
    """Cells whose adaptation learned alone."""

    @property
    def measured(self) -> bool:
        """Whether anything was measured."""
        return any(s.seconds == s.seconds for s in (*self.meta_training, *self.adaptation))


def spending(records: pd.DataFrame, board: Board) -> Spending:
    """What the scored cells spent; axes with one value are left out."""
    scored = records[records["rate"].notna()]
    several = [axis for axis in ("model", "outer", "shots", "head") if len(board.values[axis]) > 1]
    learning = [axis for axis in several if axis in ("model", "outer")]
    return Spending(
        _spent(scored, ["method", *learning], "meta_train"),
        _spent(scored, ["method", "optimizer", *several], "adapt"),
        stacked=int((scored["adapt_stack"] > 1).sum()),
        alone=int((scored["adapt_stack"] == 1).sum()),
    )


def _spent(records: pd.DataFrame, axes: Sequence[str], stage: str) -> tuple[Spent, ...]:
    of_stage = ("gradients", "flops", "seconds", "peak_memory_bytes", "stack", "speech_seconds")
    costs = [f"{stage}_{cost}" for cost in of_stage]
    costs += ["optimizer_state_bytes", "optimizer_step_seconds"]
    rows = []
    for values, cells in records.groupby(list(axes), sort=False):
        medians = cells[costs].median()
        rows.append(
            Spent(
                axes=dict(zip(axes, map(str, values), strict=True)),
                gradients=float(medians[f"{stage}_gradients"]),
                flops=float(medians[f"{stage}_flops"]),
                seconds=float(medians[f"{stage}_seconds"]),
                peak_memory_bytes=float(medians[f"{stage}_peak_memory_bytes"]),
                stack=float(medians[f"{stage}_stack"]),
                speech_rate=_rate(medians[f"{stage}_speech_seconds"], medians[f"{stage}_seconds"]),
                optimizer_state_bytes=float(medians["optimizer_state_bytes"]),
                optimizer_step_seconds=float(medians["optimizer_step_seconds"]),
            )
        )
    return tuple(rows)


def _rate(speech: float, seconds: float) -> float:
    """NaN where either was not measured."""
    return float(speech / seconds) if seconds else math.nan
