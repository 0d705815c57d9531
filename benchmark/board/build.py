"""Groups records into combinations. The code is vectorised: a board may have 100,000 cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.board.board import Board
from benchmark.board.combination import AXES, Combination, Cost, Latency
from benchmark.board.noise import seed_noise
from benchmark.scoring.usable import usable_combinations
from benchmark.statistics.estimate import Estimate, estimates

COSTS = tuple(Cost.__dataclass_fields__)
LATENCIES = ("latency_p50_ms", "latency_p95_ms", "latency_ratio")

Index = NDArray[np.intp]
Floats = NDArray[np.float64]


def build_board(records: pd.DataFrame, machines: Sequence[int] | None = None) -> Board:
    """Build the board of records that `results.load` completed.

    `machines` holds the machine of each record as a number. By default all records are from one
    machine.
    """
    records = records.reset_index(drop=True)
    machine = np.zeros(len(records), np.intp) if machines is None else np.asarray(machines)
    languages = tuple(_distinct(records["language"]))
    index, keys = pd.factorize(pd.MultiIndex.from_frame(records[list(AXES)].astype(str)))
    names = [dict(zip(AXES, map(str, key), strict=True)) for key in keys.tolist()]
    size = len(names)
    # All cells of a combination have the same method, so any flag stands for all.
    ceiling = _any(records["ceiling"].to_numpy(bool), index, size)
    usable = usable_combinations(records, index, size, languages, ~ceiling)
    scored = records["rate"].notna().to_numpy()
    rates, halves, repeats = _cubes(records, index, size, languages)
    overall = estimates(rates, halves).tolist()
    by_language = estimates(*(cube.swapaxes(1, 2)[..., None] for cube in (rates, halves))).tolist()
    present = ~np.asarray(np.isnan(rates).all(axis=1))
    costs = _medians(records, index, size)
    latency = _latency(records[scored], index[scored], machine[scored])
    num_seeds = records["seed"].where(scored).groupby(index).nunique().to_numpy()
    num_failed = np.bincount(index[~scored], minlength=size)
    cells = records.groupby(index).indices
    combinations = []
    for i in range(size):
        where = np.flatnonzero(present[i])
        combinations.append(
            Combination(
                axes=names[i],
                error=Estimate(*overall[i]) if len(where) else None,
                languages={languages[j]: Estimate(*by_language[i][j]) for j in where},
                usable_in=frozenset(languages[j] for j in np.flatnonzero(usable.languages[i])),
                per_seed=_averages(rates[i][:, where], repeats),
                cost=Cost(*costs[i].tolist()),
                latency=latency.get(i, {}),
                cells=tuple(map(int, cells[i])),
                num_seeds=int(num_seeds[i]),
                num_failed=int(num_failed[i]),
                complete=len(where) == len(languages),
                usable=bool(usable.overall[i]),
                ceiling=bool(ceiling[i]),
            )
        )
    scored_by = records.drop_duplicates("language")[["language", "metric"]].to_numpy()
    return Board(
        combinations=tuple(sorted(combinations, key=order)),
        languages=languages,
        metrics={str(language): str(metric) or "wer" for language, metric in scored_by},
        values={axis: tuple(_distinct(records[axis])) for axis in AXES},
        hopeless=usable.hopeless,
        noise=seed_noise(records),
    )


def order(combination: Combination) -> tuple[bool, bool, bool, bool, float]:
    """The sort key: contenders, ceilings, unusable combinations, combinations without a result.

    Within each class, complete combinations come first, and lower error rates before higher ones.
    """
    rate = combination.error.rate if combination.error else 0.0
    return (
        combination.error is None,
        not combination.usable,
        combination.ceiling,
        not combination.complete,
        rate,
    )


def _cubes(
    records: pd.DataFrame, index: Index, size: int, languages: tuple[str, ...]
) -> tuple[Floats, Floats, list[str]]:
    """Rates and half-widths of intervals, NaN if unknown, and the names of the repetitions.

    Both arrays are (combination, repetition, language). Draws of one seed share its meta-training,
    so only seeds are independent repetitions. If a combination has one seed, its draws count as
    repetitions.
    """
    several = (records["seed"].groupby(index).nunique() > 1).to_numpy()[index]
    names = records["seed"].where(several, records["draw"]).astype(str)
    repetition, distinct = pd.factorize(names)
    frame = pd.DataFrame(
        {
            "rate": records["rate"],
            "half": (records["high"] - records["low"]) / 2,
            "combination": index,
            "repetition": repetition,
            "language": pd.Categorical(records["language"], categories=list(languages)).codes,
        }
    )
    means = frame.groupby(["combination", "repetition", "language"])[["rate", "half"]].mean()
    place = tuple(means.index.get_level_values(i).to_numpy() for i in range(3))
    cubes = np.full((2, size, len(distinct), len(languages)), np.nan)
    for cube, name in zip(cubes, ("rate", "half"), strict=True):
        cube[place] = means[name].to_numpy()
    return cubes[0], cubes[1], list(map(str, distinct))


def _averages(rates: Floats, repeats: list[str]) -> dict[str, float]:
    """The mean over languages of each repetition that has all of them."""
    if not rates.size:
        return {}
    means = rates.mean(axis=1)
    return {repeats[i]: float(means[i]) for i in np.flatnonzero(~np.isnan(means))}


def _medians(records: pd.DataFrame, index: Index, size: int) -> Floats:
    """Medians of costs over scored cells (combination, cost)."""
    scored = records["rate"].notna().to_numpy()
    medians = records.loc[scored, list(COSTS)].groupby(index[scored]).median()
    return medians.reindex(range(size)).to_numpy(np.float64)


def _latency(records: pd.DataFrame, index: Index, machine: Index) -> dict[int, dict[int, Latency]]:
    """Combination -> machine -> medians of latencies over timed cells."""
    timed = records["latency_p50_ms"].notna().to_numpy()
    groups = records.loc[timed, list(LATENCIES)].groupby([index[timed], machine[timed]])
    medians = groups.median()
    latency: dict[int, dict[int, Latency]] = {}
    for (combination, place), row in zip(medians.index, medians.to_numpy(), strict=True):
        latency.setdefault(int(combination), {})[int(place)] = Latency(*row.tolist())
    return latency


def _any(flags: NDArray[np.bool_], index: Index, size: int) -> NDArray[np.bool_]:
    """Whether any cell of each combination is flagged (combination,)."""
    return np.bincount(index[flags], minlength=size) > 0


def _distinct(values: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(map(str, values)))
