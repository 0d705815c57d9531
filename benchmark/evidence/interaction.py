"""The interaction of method and compression: does one method lose less than another?

The loss of a method is its error rate with compression minus that without. The interaction is the
difference between the losses of two methods. All four systems are compared on the same utterances
and seeds, so common effects cancel: the difficulty of utterances and the average loss to
compression.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.evidence.comparison import Comparison, average_strata, compare_pairs
from benchmark.evidence.pairing import Pair
from benchmark.evidence.within import Roster, pairs_of, shared_noise
from benchmark.statistics.holm import holm
from benchmark.statistics.paired import Stratum, paired_difference
from benchmark.statistics.permutation import permutation_p
from benchmark.statistics.student import Part, combined, quantile, two_sided_p


@dataclass(frozen=True)
class Interaction:
    """How much more a method loses to a compression than a reference method (fractions).

    loss, reference_loss  comparisons of the compressed with the uncompressed artefact
    difference            `loss` minus `reference_loss`, negative if the method loses less
    low, high             95 % interval of the difference
    p_holm                `p` corrected for the whole table
    """

    loss: Comparison
    reference_loss: Comparison
    difference: float
    low: float
    high: float
    p: float
    p_holm: float


def interact(
    roster: Roster,
    method: Mapping[str, str],
    reference: Mapping[str, str],
    compressed: Mapping[str, str],
) -> Interaction | None:
    """Measure the interaction of two uncompressed combinations with a compression.

    `compressed` holds the axis values that the compression changes. The result is None if the four
    systems have no utterances in common.
    """
    ours = _pair_compressed(roster, method, compressed)
    theirs = _pair_compressed(roster, reference, compressed)
    places = ours.keys() & theirs.keys()
    shared = {place for place in places if ours[place].uids == theirs[place].uids}
    if not shared:
        return None
    pairs, others = [ours[p] for p in sorted(shared)], [theirs[p] for p in sorted(shared)]
    noise = shared_noise(roster, method, {**method, **compressed})
    loss, other = compare_pairs({}, pairs, noise), compare_pairs({}, others, noise)
    strata = _interaction_strata(pairs, others)
    paired = paired_difference(strata)
    training = Part(0.0, math.inf)
    if noise is not None:
        rates = [loss.rate_a, loss.rate_b, other.rate_a, other.rate_b]
        seeds = min(loss.num_seeds_a, other.num_seeds_a)
        squares = sum(rate**2 for rate in rates)
        training = Part(noise.relative**2 * squares / seeds, noise.degrees)
    error = combined([paired.error, training])
    half = quantile(0.975, error.degrees) * math.sqrt(error.variance)
    difference = paired.absolute
    p = max(permutation_p(strata), two_sided_p(difference, error))
    return Interaction(loss, other, difference, difference - half, difference + half, p, p)


def correct_family(interactions: Sequence[Interaction | None]) -> list[Interaction | None]:
    """Adjust the p-values of the interactions of one table by Holm's method."""
    adjusted = iter(holm([item.p for item in interactions if item]))
    return [item and replace(item, p_holm=next(adjusted)) for item in interactions]


def _pair_compressed(
    roster: Roster, plain: Mapping[str, str], compressed: Mapping[str, str]
) -> dict[tuple[str, str], Pair]:
    """Pair the uncompressed with the compressed combination, by language and draw."""
    pairs = pairs_of(roster, plain, {**plain, **compressed})
    return {(pair.axes["language"], pair.axes["draw"]): pair for pair in pairs}


def _interaction_strata(pairs: Sequence[Pair], others: Sequence[Pair]) -> list[Stratum]:
    """One stratum per language whose difference is the loss of `pairs` minus that of `others`."""
    strata = []
    for own, other in zip(pairs, others, strict=True):
        ours, theirs = own.stratum, other.stratum
        crossed = replace(
            ours,
            errors_a=ours.errors_a + theirs.errors_b,
            errors_b=ours.errors_b + theirs.errors_a,
        )
        strata.append(((own.axes["language"], own.uids), crossed))
    return average_strata(strata)
