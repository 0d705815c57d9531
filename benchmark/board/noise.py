"""Seed noise of a board: variation of error rates between seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmark.board.combination import AXES
from benchmark.evidence.comparison import lineage
from benchmark.statistics.noise import Replicates, SeedNoise, pooled_noise


def seed_noise(records: pd.DataFrame) -> SeedNoise | None:
    """Seed noise, pooled over all systems with several seeds; None if there are none."""
    scored = records[records["rate"].notna()]
    names = [*AXES, "language", "draw"]
    repeated = scored[scored.duplicated(names, keep=False)]
    if repeated.empty:
        return None
    system = repeated.groupby(names, dropna=False).ngroup().to_numpy()
    order = np.argsort(system, kind="stable")
    starts = np.flatnonzero(np.diff(system[order], prepend=-1))
    rates = np.split(repeated["rate"].to_numpy(np.float64)[order], starts[1:])
    axes = repeated[list(AXES)].iloc[order[starts]].to_dict("records")
    return pooled_noise(
        Replicates(lineage({str(name): str(value) for name, value in own.items()}), seeds)
        for own, seeds in zip(axes, rates, strict=True)
    )
