"""Compares two sides: a row per system over all its languages, and all systems together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmark.errors import DataError
from benchmark.evidence.comparison import Comparison, compare_pairs, measure_noise
from benchmark.evidence.pairing import Metric, Pair, different_fields, pair, systems
from benchmark.evidence.side import AXES, Side
from benchmark.statistics.holm import holm
from benchmark.statistics.noise import SeedNoise


@dataclass(frozen=True)
class Evidence:
    """The comparison of two sides.

    overall   all systems together
    rows      one per system; they are one family for Holm's correction
    unpaired  cells and utterances that were left out, each with the reason
    """

    a: str
    b: str
    metric: Metric
    overall: Comparison
    rows: tuple[Comparison, ...]
    noise: SeedNoise | None
    unpaired: tuple[str, ...]


def compare_sides(
    side_a: Side, side_b: Side, free: Sequence[str] = (), metric: Metric = "own"
) -> Evidence:
    """Pair the cells that agree on every axis except the `free` ones, and compare them.

    Raises DataError if nothing can be paired.
    """
    pairs, unpaired = pair_cells(side_a, side_b, free, metric)
    if not pairs:
        reasons = "; ".join(reason[:250] for reason in unpaired[:3])
        raise DataError(f"{side_a.name} and {side_b.name} have no cell in common: {reasons}")
    noise = measure_noise(pairs)
    groups: dict[tuple[tuple[str, str], ...], list[Pair]] = defaultdict(list)
    for paired in pairs:
        axes = tuple((k, v) for k, v in paired.axes.items() if k != "language")
        groups[axes].append(paired)
    rows = [compare_pairs(dict(axes), group, noise) for axes, group in groups.items()]
    adjusted = holm([row.p for row in rows])
    return Evidence(
        a=side_a.name,
        b=side_b.name,
        metric=metric,
        overall=compare_pairs({}, pairs, noise),
        rows=tuple(replace(row, p_holm=p) for row, p in zip(rows, adjusted, strict=True)),
        noise=noise,
        unpaired=tuple(unpaired),
    )


def pair_cells(
    side_a: Side, side_b: Side, free: Sequence[str], metric: Metric
) -> tuple[list[Pair], list[str]]:
    """The pairs of cells, and a line for each cell or set of utterances without a counterpart."""
    systems_a, systems_b = systems(side_a, free), systems(side_b, free)
    kept = [axis for axis in AXES if axis not in free]
    pairs, unpaired = [], []
    for key in dict.fromkeys([*systems_a, *systems_b]):
        axes = dict(zip(kept, key, strict=True))
        label = ", ".join(key[: kept.index("shots") + 1] if "shots" in kept else key)
        a, b = systems_a.get(key), systems_b.get(key)
        if a is None or b is None:
            unpaired.append(f"{label}: only in {'B' if a is None else 'A'}")
        elif a.records.empty or b.records.empty:
            unpaired.append(f"{label}: no result in {'A' if a.records.empty else 'B'}")
        elif fields := different_fields(a, b):
            unpaired.append(f"{label}: {'; '.join(fields)}")
        else:
            try:
                paired = pair(axes, a, b, side_a, side_b, metric)
            except DataError as error:
                unpaired.append(f"{label}: {error}")
                continue
            pairs.append(paired)
            if paired.only_a or paired.only_b:
                counts = f"{paired.only_a} utterances only in A, {paired.only_b} only in B"
                unpaired.append(f"{label}: {counts}; compared on {len(paired.uids)}")
    return pairs, unpaired
