"""From a comparison and thresholds to a verdict."""

from __future__ import annotations

import math

from benchmark.evidence.comparison import Comparison
from benchmark.evidence.pairing import Pair
from benchmark.evidence.verdict import Judgement, Verdict
from benchmark.scoring.usable import DEAF
from benchmark.suite.thresholds import Thresholds
from benchmark.text.tables import bounds


def judge_errors(found: Comparison, thresholds: Thresholds) -> Judgement:
    """Regressed: a loss beyond chance and beyond what is tolerated.

    Pass: the whole interval lies within what is tolerated. Between them the test set cannot tell.
    Chance is judged by `p_holm`, so that many cells do not cry wolf more often than one.
    """
    tolerated = thresholds.tolerated(found.rate_a)
    significant = found.p_holm < thresholds.level
    told = describe(found)
    if significant and found.difference > tolerated:
        return Judgement("error rate", Verdict.REGRESSED, told)
    if found.difference == found.low == found.high == 0:
        return Judgement("error rate", Verdict.PASS, "the same errors")
    if significant and found.difference < 0:
        return Judgement("error rate", Verdict.IMPROVED, told)
    if found.rate_a >= DEAF:
        reason = f"the baseline recognises nothing ({found.rate_a:.1%} errors): no loss can show"
        return Judgement("error rate", Verdict.INCONCLUSIVE, reason)
    if found.high <= tolerated:
        return Judgement("error rate", Verdict.PASS, told)
    if math.isnan(found.detectable):
        return Judgement("error rate", Verdict.INCONCLUSIVE, told)
    reason = f"{told}; only losses from {100 * found.detectable:.1f} points on are found here"
    return Judgement("error rate", Verdict.INCONCLUSIVE, reason)


def judge_size(pair: Pair, thresholds: Thresholds) -> Judgement:
    """Sizes are of files and exact; no statistics."""
    before, after = pair.a.size_bytes, pair.b.size_bytes
    if not (before > 0 and after > 0):
        return Judgement("size", Verdict.INCONCLUSIVE, "the size of a file was not recorded")
    growth = after / before - 1
    reason = f"{before / 1e6:.3g} -> {after / 1e6:.3g} MB ({growth:+.1%})"
    if growth > thresholds.size:
        return Judgement("size", Verdict.REGRESSED, reason)
    if growth < -thresholds.size:
        return Judgement("size", Verdict.IMPROVED, reason)
    return Judgement("size", Verdict.PASS, reason)


def describe(found: Comparison) -> str:
    """`21.0% -> 24.1%, +3.1 points [+1.0, +5.2], p = 0.004`."""
    return (
        f"{found.rate_a:.1%} -> {found.rate_b:.1%},"
        f" {100 * found.difference:+.1f} points"
        f" {bounds(found.low, found.high)}, p = {found.p_holm:.2g}"
    )
