"""Judges error rates and sizes by thresholds."""

from __future__ import annotations

import math

from benchmark.evidence.comparison import Comparison
from benchmark.evidence.pairing import Pair
from benchmark.evidence.verdict import Judgement, Verdict
from benchmark.scoring.usable import UNUSABLE_ERROR_RATE
from benchmark.suite.thresholds import Thresholds
from benchmark.text.tables import bounds


def judge_errors(comparison: Comparison, thresholds: Thresholds) -> Judgement:
    """Judge the difference in error rate.

    Regressed: a significant loss above the tolerance. Improved: a significant gain. Pass: the whole
    interval is within the tolerance. Anything else is inconclusive. Significance uses `p_holm`, so
    the number of cells does not raise the false-alarm rate.
    """
    tolerated = thresholds.tolerated(comparison.rate_a)
    significant = comparison.p_holm < thresholds.level
    change = describe(comparison)
    if significant and comparison.difference > tolerated:
        return Judgement("error rate", Verdict.REGRESSED, change)
    if comparison.difference == comparison.low == comparison.high == 0:
        return Judgement("error rate", Verdict.PASS, "the same errors")
    if significant and comparison.difference < 0:
        return Judgement("error rate", Verdict.IMPROVED, change)
    if comparison.rate_a >= UNUSABLE_ERROR_RATE:
        rate = f"{comparison.rate_a:.1%} errors"
        reason = f"the baseline recognises nothing ({rate}), so no loss can be detected"
        return Judgement("error rate", Verdict.INCONCLUSIVE, reason)
    if comparison.high <= tolerated:
        return Judgement("error rate", Verdict.PASS, change)
    if math.isnan(comparison.detectable):
        return Judgement("error rate", Verdict.INCONCLUSIVE, change)
    reason = (
        f"{change}; this test set can only detect losses of"
        f" {100 * comparison.detectable:.1f} points or more"
    )
    return Judgement("error rate", Verdict.INCONCLUSIVE, reason)


def judge_size(pair: Pair, thresholds: Thresholds) -> Judgement:
    """Judge the size of the artefact. File sizes are exact, so no test is needed."""
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


def describe(comparison: Comparison) -> str:
    """`21.0% -> 24.1%, +3.1 points [+1.0, +5.2], p = 0.004`."""
    return (
        f"{comparison.rate_a:.1%} -> {comparison.rate_b:.1%},"
        f" {100 * comparison.difference:+.1f} points"
        f" {bounds(comparison.low, comparison.high)}, p = {comparison.p_holm:.2g}"
    )
