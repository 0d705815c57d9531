"""How much training with another seed changes an error rate, over all combinations of a board."""

from __future__ import annotations

import pandas as pd

from benchmark.board.combination import AXES
from benchmark.evidence.comparison import lineage
from benchmark.statistics.noise import Replicates, SeedNoise, pooled_noise


def seed_noise(records: pd.DataFrame) -> SeedNoise | None:
    """Pooled over systems in one language that have several seeds; None where there is none."""
    scored = records[records["rate"].notna()]
    names = [*AXES, "language", "draw"]
    repeated = scored[scored.duplicated(names, keep=False)]
    return pooled_noise(
        Replicates(lineage(dict(zip(names, map(str, values), strict=True))), rates.to_numpy())
        for values, rates in repeated.groupby(names, dropna=False)["rate"]
    )
