"""Does one method lose less to a compression than another? A difference of two differences.

The loss of a method is its error rate compressed less uncompressed. Whether two methods lose
differently is asked on the same utterances and seeds for all four systems, so that what they have
in common cancels: what is hard to hear, and what compression costs everybody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.evidence.comparison import Comparison, averaged, compare_pairs
from benchmark.evidence.pairing import Pair
from benchmark.evidence.within import Roster, pairs_of, shared_noise
from benchmark.statistics.holm import holm
from benchmark.statistics.paired import Stratum, paired_difference
from benchmark.statistics.permutation import permutation_p
from benchmark.statistics.student import Part, combined, quantile, two_sided_p


@dataclass(frozen=True)
class Interaction:
    """How much more a method loses to a compression than a reference method does (fractions).

    loss, reference_loss  each with its own comparison to the uncompressed file
    difference            `loss` less `reference_loss`: negative where the method loses less
    low, high             95 % interval of the difference
    p_holm                corrected for the whole table
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
    """The interaction of two combinations, both uncompressed, with what `compressed` changes.

    None where the four have no utterances in common.
    """
    ours = _together(roster, method, compressed)
    theirs = _together(roster, reference, compressed)
    places = ours.keys() & theirs.keys()
    shared = {place for place in places if ours[place].uids == theirs[place].uids}
    if not shared:
        return None
    pairs, others = [ours[p] for p in sorted(shared)], [theirs[p] for p in sorted(shared)]
    noise = shared_noise(roster, method, {**method, **compressed})
    loss, other = compare_pairs({}, pairs, noise), compare_pairs({}, others, noise)
    strata = _crossed(pairs, others)
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


def corrected(interactions: Sequence[Interaction | None]) -> list[Interaction | None]:
    """The interactions of one table, their p-values adjusted by Holm's method."""
    adjusted = iter(holm([made.p for made in interactions if made]))
    return [made and replace(made, p_holm=next(adjusted)) for made in interactions]


def _together(
    roster: Roster, plain: Mapping[str, str], compressed: Mapping[str, str]
) -> dict[tuple[str, str], Pair]:
    """The pairs of a combination with its compressed self, by language and draw."""
    pairs = pairs_of(roster, plain, {**plain, **compressed})
    return {(pair.axes["language"], pair.axes["draw"]): pair for pair in pairs}


def _crossed(pairs: Sequence[Pair], others: Sequence[Pair]) -> list[Stratum]:
    """Strata whose B less A is the loss of `pairs` less that of `others`, one per language."""
    strata = []
    for own, other in zip(pairs, others, strict=True):
        ours, theirs = own.stratum, other.stratum
        crossed = replace(
            ours,
            errors_a=ours.errors_a + theirs.errors_b,
            errors_b=ours.errors_b + theirs.errors_a,
        )
        strata.append(((own.axes["language"], own.uids), crossed))
    return averaged(strata)
