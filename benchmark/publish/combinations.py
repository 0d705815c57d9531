"""Cells gathered into combinations, the rows that a reader compares.

The numbers are those of `report.tables`; here they are computed for all combinations at once,
since a board may have 100,000 cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.evidence.comparison import lineage
from benchmark.publish.merge import Merged
from benchmark.publish.ties import rankers
from benchmark.report.tables import AXES
from benchmark.scoring.usable import usable_combinations
from benchmark.statistics.estimate import Estimate, estimate
from benchmark.statistics.noise import Replicates, SeedNoise, pooled_noise

COSTS = ("size_bytes", "size_ratio")
LATENCIES = ("latency_p50_ms", "latency_p95_ms", "latency_ratio")


@dataclass(frozen=True)
class Standing:
    """An error rate (a fraction) with its 95 % interval, and its tie group (1 is the best).

    `group` is None where not every language has a result, since such an average compares with
    nothing, and where the combination is not usable (`evidence.usable`): it wins nothing.
    """

    error: Estimate
    group: int | None


@dataclass(frozen=True)
class Combination:
    """All cells that differ in language, seed and draw alone.

    `overall` is the macro average over `languages`; `latency` holds (p50 ms, p95 ms, ratio to the
    uncompressed model) by index of the machine; `cells` are positions in the records.
    """

    axes: dict[str, str]
    overall: Standing | None
    languages: dict[str, Standing]
    costs: dict[str, float]
    latency: dict[int, tuple[float, ...]]
    cells: tuple[int, ...]
    num_seeds: int
    num_failed: int

    @property
    def spread(self) -> float:
        """Worst language less best language, a fraction; 0 with one language."""
        rates = [standing.error.rate for standing in self.languages.values()]
        return max(rates) - min(rates) if rates else float("nan")

    def worst_languages(self, most: int = 3) -> list[str]:
        """The languages that are recognised worst, the worst first."""
        rated = sorted(self.languages, key=lambda name: -self.languages[name].error.rate)
        return rated[:most]


@dataclass(frozen=True)
class Board:
    """All combinations: by tie group and error rate, those without a result last."""

    combinations: tuple[Combination, ...]
    languages: tuple[str, ...]
    metrics: dict[str, str]
    axes: tuple[str, ...]
    """The axes in which the combinations differ, the method and compression always among them."""
    tie_rule: str
    """When combinations share a group, see `ties.Ranker.rule`."""
    noise: SeedNoise | None
    """The noise floor: what training again changes; None with one seed each."""
    usable: bool
    """Whether any combination is."""

    def label(self, combination: Combination) -> str:
        """What tells a combination from the others, such as `maml, adamw, int8`."""
        return ", ".join(combination.axes[axis] or "default" for axis in self.axes)

    @property
    def error_name(self) -> str:
        """`WER`, `CER`, or `error rate` where languages are scored differently."""
        metrics = set(self.metrics.values())
        return metrics.pop().upper() if len(metrics) == 1 else "error rate"


def gather(merged: Merged) -> Board:
    """The board of merged records."""
    records = merged.records
    languages = tuple(map(str, dict.fromkeys(records["language"])))
    keys = records[list(AXES)].astype(str)
    index, unique = pd.factorize(pd.MultiIndex.from_frame(keys))
    rates, halves = _cube(records, index, len(unique), languages)
    costs = records.groupby(index)[list(COSTS)].median().to_numpy()
    latency = _latency(records, index, merged.machines)
    scored = records["rate"].notna()
    num_seeds = records["seed"].where(scored).groupby(index).nunique().to_numpy()
    num_failed = (~scored).groupby(index).sum().to_numpy()
    cells = records.groupby(index).indices
    errors = [_estimates(rates[i], halves[i], languages) for i in range(len(unique))]
    overall = [error for error, _ in errors]
    able = usable_combinations(records, index, len(unique), languages)
    complete = [len(by_language) == len(languages) for _, by_language in errors]
    may_win = [whole and bool(may) for whole, may in zip(complete, able.overall, strict=True)]
    axes = [dict(zip(AXES, map(str, values), strict=True)) for values in unique]
    ranking = rankers(merged, len(unique))
    groups = ranking[None].groups(
        [error if may else None for error, may in zip(overall, may_win, strict=True)], axes
    )
    by_language = [
        ranking[language].groups(
            [
                known.get(language) if may else None
                for (_, known), may in zip(errors, able.languages[:, place], strict=True)
            ],
            axes,
        )
        for place, language in enumerate(languages)
    ]
    found = [
        Combination(
            axes=axes[i],
            overall=_standing(overall[i], groups[i]),
            languages={
                language: Standing(errors[i][1][language], by_language[j][i])
                for j, language in enumerate(languages)
                if language in errors[i][1]
            },
            costs=dict(zip(COSTS, map(float, costs[i]), strict=True)),
            latency=latency.get(i, {}),
            cells=tuple(map(int, cells[i])),
            num_seeds=int(num_seeds[i]),
            num_failed=int(num_failed[i]),
        )
        for i in range(len(unique))
    ]
    pairs = records.drop_duplicates("language")
    varying = keys.nunique()
    return Board(
        combinations=tuple(sorted(found, key=_order)),
        languages=languages,
        metrics=dict(zip(pairs["language"], pairs["metric"], strict=True)),
        axes=tuple(a for a in AXES if varying[a] > 1 or a in ("method", "compression")),
        tie_rule=ranking[None].rule,
        noise=_noise(records),
        usable=bool(able.overall.any()),
    )


def _noise(records: pd.DataFrame) -> SeedNoise | None:
    scored = records[records["rate"].notna()]
    names = list(dict.fromkeys([*AXES, "language", "shots", "draw"]))
    repeated = scored[scored.duplicated(names, keep=False)]
    return pooled_noise(
        Replicates(lineage(dict(zip(names, map(str, values), strict=True))), rates.to_numpy())
        for values, rates in repeated.groupby(names, dropna=False)["rate"]
    )


def _order(combination: Combination) -> tuple[bool, bool, float]:
    standing = combination.overall
    if standing is None:
        return True, True, 0.0
    return False, standing.group is None, standing.error.rate


def _cube(
    records: pd.DataFrame, index: NDArray[np.intp], size: int, languages: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates and half-widths of intervals (combination, repeat, language), NaN where unknown."""
    # Draws of one seed share its meta-training: only seeds are independent repetitions.
    repeat = "seed" if records["seed"].nunique() > 1 else "draw"
    repeats, names = pd.factorize(records[repeat])
    frame = pd.DataFrame(
        {
            "rate": records["rate"],
            "half": (records["high"] - records["low"]) / 2,
            "combination": index,
            "repeat": repeats,
            "language": pd.Categorical(records["language"], categories=languages).codes,
        }
    )
    means = frame.groupby(["combination", "repeat", "language"])[["rate", "half"]].mean()
    place = tuple(means.index.get_level_values(i).to_numpy() for i in range(3))
    shape = (size, len(names), len(languages))
    cubes = np.full(shape, np.nan), np.full(shape, np.nan)
    for cube, name in zip(cubes, ("rate", "half"), strict=True):
        cube[place] = means[name].to_numpy()
    return cubes


def _estimates(
    rates: NDArray[np.float64], halves: NDArray[np.float64], languages: tuple[str, ...]
) -> tuple[Estimate | None, dict[str, Estimate]]:
    """The macro average, and the estimate of each language that has a result."""
    present = np.flatnonzero(~np.isnan(rates).all(axis=0))
    if not len(present):
        return None, {}
    overall = estimate(rates[:, present], halves[:, present])
    if len(present) == 1:
        return overall, {languages[present[0]]: overall}
    return overall, {languages[i]: estimate(rates[:, [i]], halves[:, [i]]) for i in present}


def _standing(error: Estimate | None, group: int | None) -> Standing | None:
    return Standing(error, group) if error else None


def _latency(
    records: pd.DataFrame, index: NDArray[np.intp], machines: list[str]
) -> dict[int, dict[int, tuple[float, ...]]]:
    """Combination -> machine -> medians of its latencies over cells."""
    distinct = list(dict.fromkeys(machines))
    machine = records["source"].map(lambda source: distinct.index(machines[source]))
    timed = records["latency_p50_ms"].notna().to_numpy()
    medians = records[timed].groupby([index[timed], machine[timed]])[list(LATENCIES)].median()
    found: dict[int, dict[int, tuple[float, ...]]] = {}
    for (combination, place), row in zip(medians.index, medians.to_numpy(), strict=True):
        found.setdefault(int(combination), {})[int(place)] = tuple(map(float, row))
    return found
