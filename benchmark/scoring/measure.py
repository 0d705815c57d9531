"""Metrics of a set of scored utterances, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmark.scoring.errors import Score
from benchmark.scoring.metrics.base import ErrorRate
from benchmark.statistics.bootstrap import rate_interval


def measure(
    name: str, metric: ErrorRate, score: Score, speakers: Sequence[str | None], seed: int
) -> dict[str, float | None]:
    """The rate as `name`, and the ends of its interval as `name_low` and `name_high`.

    `speakers` has one entry per utterance, and `seed` draws the bootstrap. Null stands for a rate
    of texts that have none of the units, and for the interval of a single utterance, or of
    utterances of which most have no units.
    """
    counted = [metric.count(utterance) for utterance in score.utterances]
    errors, lengths = ([getattr(e, name) for e in counted] for name in ("total", "length"))
    ends = (f"{name}_low", f"{name}_high")
    if not sum(lengths):
        return dict.fromkeys((name, *ends))
    with np.errstate(divide="ignore", invalid="ignore"):  # a resampling may have no units
        interval = rate_interval(errors, lengths, speakers, seed)
    known = interval if all(map(math.isfinite, interval)) else (None, None)
    return {name: sum(errors) / sum(lengths), **dict(zip(ends, known, strict=True))}
