"""Adaptation curves of methods, as records hold them: error after so many optimizer steps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import fmean

import pandas as pd

from benchmark.board.board import Board
from benchmark.board.combination import AXES


@dataclass(frozen=True)
class Curve:
    """A method's errors by step: the mean over languages, draws and seeds.

    `low` and `high` are the least and the largest of the seeds, which are averaged over languages
    and draws first; both equal the mean where there is one seed. `area` has the same three.
    """

    method: str
    steps: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    area: tuple[float, float, float]
    num_seeds: int


def curves(records: pd.DataFrame, board: Board) -> list[Curve]:
    """A curve per method at the other settings of the best combination, lowest area first.

    Curves are of networks before compression. Languages that a method lacks in some seed are left
    out of that seed; steps that not all of its runs took are left out.
    """
    best = board.lead
    if best is None:
        return []
    fixed = [axis for axis in AXES if axis not in ("method", "compression")]
    chosen = records[(records["curve"] != "") & (records["status"] == "ok")]
    for axis in fixed:
        chosen = chosen[chosen[axis] == best.axes[axis]]
    chosen = chosen.drop_duplicates(["method", "language", "seed", "draw"])
    drawn = [_curve(str(name), cells) for name, cells in chosen.groupby("method", sort=False)]
    return sorted((curve for curve in drawn if curve.steps), key=lambda curve: curve.area[0])


def _curve(method: str, cells: pd.DataFrame) -> Curve:
    runs = [{int(k): float(v) for k, v in json.loads(text).items()} for text in cells["curve"]]
    steps = sorted(set.intersection(*(set(run) for run in runs)))
    table = pd.DataFrame([[run[step] for step in steps] for run in runs], columns=steps)
    table["area"] = cells["curve_area"].to_numpy()
    # Each seed is a mean over languages of the mean over draws, as everywhere in the report.
    by = [cells["seed"].to_numpy(), cells["language"].to_numpy()]
    seeds = table.groupby(by).mean().groupby(level=0).mean()
    low, high = seeds.min(), seeds.max()
    return Curve(
        method=method,
        steps=tuple(steps),
        mean=tuple(fmean(seeds[step]) for step in steps),
        low=tuple(float(low[step]) for step in steps),
        high=tuple(float(high[step]) for step in steps),
        area=(fmean(seeds["area"]), float(low["area"]), float(high["area"])),
        num_seeds=len(seeds),
    )
