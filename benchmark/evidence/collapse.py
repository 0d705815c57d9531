"""Models that stopped recognising speech: told by what they say, whatever an interval allows.

A collapse is not a large loss: silence or one sentence for every utterance comes of a training that
failed. The noise of seeds, a fraction of the error rate, is widest where rates are highest, so that
near 100 % no interval could ever tell it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.evidence.pairing import Pair, Runs
from benchmark.evidence.verdict import Judgement, Verdict
from benchmark.scoring.usable import COLLAPSE_BLANKS, DEAF, collapsed
from benchmark.statistics.paired import Array

Flags = NDArray[np.bool_]

HARDLY = 0.02
"""A model that does better than an empty text in fewer utterances than this hears nothing."""

FALL = 0.1
"""What is left at most of that share in a model that has stopped hearing."""


def judge_collapse(pair: Pair, chance: float) -> Judgement | None:
    """What a collapse on either side means; None where there is none.

    A seed has collapsed where its model is silent, says always the same, or hears nothing: hardly
    an utterance has fewer errors than an empty text would. The last is new only if the baseline
    does better on so many utterances that nothing of it is left by luck with a probability below
    `chance`. A collapse is a regression where no seed of the baseline has collapsed, or where
    every seed of the candidate has and not every one of the baseline.
    """
    silent_a, silent_b = (collapsed(runs.records).to_numpy(bool) for runs in (pair.a, pair.b))
    heard_a, rates_a = _heard(pair.errors_a, pair.lengths)
    heard_b, rates_b = _heard(pair.errors_b, pair.lengths)
    lost_a = silent_a | _deaf(heard_a, rates_a, HARDLY)
    told = f"{rates_a.mean():.1%} -> {rates_b.mean():.1%}"
    if lost_a.all():
        if silent_b.any() or rates_b.mean() >= DEAF:
            reason = f"the baseline recognises nothing ({told}): no loss can show"
            return Judgement("collapse", Verdict.INCONCLUSIVE, reason)
        return Judgement("collapse", Verdict.FIXED, f"the baseline had collapsed; {told}")
    known, number = float(heard_a[~lost_a].mean()), len(pair.lengths)
    # Laplace's half: a handful of utterances is not taken for a certainty.
    luck = (1 - (known * number + 0.5) / (number + 1)) ** number
    lost_b = silent_b | (_deaf(heard_b, rates_b, FALL * known) & (luck < chance))
    if lost_b.all() or (lost_b.any() and not lost_a.any()):
        seeds = f" in {lost_b.sum()} of {len(lost_b)} seeds" if len(lost_b) > 1 else ""
        reason = f"{_how(pair.b, silent_b)}{seeds}; {told}"
        return Judgement("collapse", Verdict.REGRESSED, reason)
    return None


def _heard(errors: Array, lengths: Array) -> tuple[Array, Array]:
    """Of each seed (S,), the share of utterances that beat an empty text, and the error rate."""
    return (errors < lengths).mean(axis=1), errors.sum(axis=1) / lengths.sum()


def _deaf(heard: Array, rates: Array, most: float) -> Flags:
    found: Flags = (heard <= most) & (rates >= DEAF)
    return found


def _how(runs: Runs, silent: Flags) -> str:
    """What a collapsed model does."""
    if not silent.any():
        return "new collapse: it recognises nothing"
    blanks = runs.records[silent].iloc[0].get("blank_fraction")
    if blanks is not None and pd.notna(blanks) and blanks >= COLLAPSE_BLANKS:
        return f"new collapse: {blanks:.0%} blank frames"
    return "new collapse: it says nothing, or always the same"
