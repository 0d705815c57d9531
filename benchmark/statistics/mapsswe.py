"""The matched-pairs sentence-segment word error test of NIST speech evaluations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from benchmark.statistics.paired import Stratum


class Mapsswe(NamedTuple):
    """The test statistic Z, positive where B makes more errors, and its two-sided p-value."""

    z: float
    p: float


def mapsswe(strata: Sequence[Stratum]) -> Mapsswe:
    """Z = mean / (sd / sqrt(n)) of the errors of B minus those of A over n segments.

    A segment is an utterance. Recordings are separate, so errors in different segments are
    independent, as the test requires; NIST's tool also splits recordings. The test accounts for
    neither speakers nor seeds, and pools the segments of all languages.
    Sources: Gillick and Cox, ICASSP 1989; Pallett, Fisher and Fiscus, ICASSP 1990.
    """
    segments = np.concatenate([stratum.differences for stratum in strata])
    if len(segments) < 2 or not segments.any():
        return Mapsswe(0.0, 1.0)
    spread = float(segments.std(ddof=1))
    if spread == 0:
        return Mapsswe(math.copysign(math.inf, segments[0]), 0.0)
    z = float(segments.mean()) / (spread / math.sqrt(len(segments)))
    return Mapsswe(z, float(2 * ndtr(-abs(z))))
