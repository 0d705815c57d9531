"""Detects models that stopped recognising speech, from their hypotheses.

A collapse differs in kind from a large loss: the model outputs nothing, or one sentence for every
utterance, because training failed. It is judged separately, since seed noise is proportional to the
error rate: near 100 % intervals are too wide to show a collapse.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.evidence.pairing import Pair, Runs
from benchmark.evidence.verdict import Judgement, Verdict
from benchmark.scoring.usable import COLLAPSE_BLANKS, UNUSABLE_ERROR_RATE, collapsed
from benchmark.statistics.paired import Array

Flags = NDArray[np.bool_]

MIN_RECOGNISED = 0.02
"""A model that beats an empty hypothesis in at most this share of utterances recognises nothing."""

MAX_REMAINING = 0.1
"""A model stopped recognising speech if at most this fraction of the baseline's share remains."""


def judge_collapse(pair: Pair, chance: float) -> Judgement | None:
    """The judgement of a collapse on either side; None if there is none.

    A seed has collapsed if its model outputs nothing, outputs the same text for every utterance, or
    recognises nothing: almost no utterance has fewer errors than an empty hypothesis. The last case
    counts as a new collapse only if its probability by chance, given the baseline, is below
    `chance`. A collapse is a regression in two cases: no seed of the baseline has collapsed, or
    every seed of the candidate has collapsed but not every seed of the baseline.
    """
    silent_a, silent_b = (collapsed(runs.records).to_numpy(bool) for runs in (pair.a, pair.b))
    share_a, rates_a = _recognised(pair.errors_a, pair.lengths)
    share_b, rates_b = _recognised(pair.errors_b, pair.lengths)
    lost_a = silent_a | _recognises_nothing(share_a, rates_a, MIN_RECOGNISED)
    change = f"{rates_a.mean():.1%} -> {rates_b.mean():.1%}"
    if lost_a.all():
        if silent_b.any() or rates_b.mean() >= UNUSABLE_ERROR_RATE:
            reason = f"the baseline recognises nothing ({change}), so no loss can be detected"
            return Judgement("collapse", Verdict.INCONCLUSIVE, reason)
        return Judgement("collapse", Verdict.FIXED, f"the baseline had collapsed; {change}")
    share, number = float(share_a[~lost_a].mean()), len(pair.lengths)
    # Half an utterance is added for smoothing, so a few utterances do not count as certainty.
    luck = (1 - (share * number + 0.5) / (number + 1)) ** number
    lost_b = silent_b | (
        _recognises_nothing(share_b, rates_b, MAX_REMAINING * share) & (luck < chance)
    )
    if lost_b.all() or (lost_b.any() and not lost_a.any()):
        seeds = f" in {lost_b.sum()} of {len(lost_b)} seeds" if len(lost_b) > 1 else ""
        reason = f"{_describe(pair.b, silent_b)}{seeds}; {change}"
        return Judgement("collapse", Verdict.REGRESSED, reason)
    return None


def _recognised(errors: Array, lengths: Array) -> tuple[Array, Array]:
    """The share of utterances that beat an empty hypothesis, and the error rate, per seed (S,)."""
    return (errors < lengths).mean(axis=1), errors.sum(axis=1) / lengths.sum()


def _recognises_nothing(share: Array, rates: Array, most: float) -> Flags:
    flags: Flags = (share <= most) & (rates >= UNUSABLE_ERROR_RATE)
    return flags


def _describe(runs: Runs, silent: Flags) -> str:
    """The kind of a collapse."""
    if not silent.any():
        return "new collapse: the model recognises nothing"
    blanks = runs.records[silent].iloc[0].get("blank_fraction")
    if blanks is not None and pd.notna(blanks) and blanks >= COLLAPSE_BLANKS:
        return f"new collapse: {blanks:.0%} blank frames"
    return "new collapse: the model outputs nothing or always the same text"
