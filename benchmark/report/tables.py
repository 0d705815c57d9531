"""Cells gathered into combinations: the one value that every view of the report is drawn from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmark.scoring import usable
from benchmark.statistics.estimate import Estimate, estimate

AXES = ("model", "method", "optimizer", "outer", "compression", "shots", "head", "runtime")
"""What names a combination; a cell adds language, seed and draw."""

UNCOMPRESSED = "none"
"""The compression that sizes and latencies are ratios to."""


@dataclass(frozen=True)
class Cost:
    """What a combination's artefact costs, medians over its cells; NaN where not measured."""

    size_bytes: float
    size_ratio: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_ratio: float
    latency_ratio_low: float
    latency_ratio_high: float
    rtfx: float
    peak_memory_bytes: float
    parameters: float
    nonzero_parameters: float
    meta_train_gradients: float
    meta_train_flops: float
    meta_train_seconds: float
    meta_train_peak_memory_bytes: float
    adapt_gradients: float
    adapt_flops: float
    adapt_seconds: float
    adapt_peak_memory_bytes: float
    optimizer_state_bytes: float
    optimizer_step_seconds: float
    curve_area: float


@dataclass(frozen=True)
class Row:
    """One combination over all its languages and seeds.

    `error` is None when no cell has a result. `per_seed` holds the macro average of each seed that
    has every language. `complete` says whether every language of the suite has a result, `usable`
    whether the combination recognises speech (`evidence.usable`): others never win anything.
    """

    axes: dict[str, str]
    error: Estimate | None
    languages: dict[str, Estimate]
    per_seed: dict[str, float]
    cost: Cost
    num_seeds: int
    num_cells: int
    num_failed: int
    complete: bool
    usable: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What names the row: the values of its axes."""
        return tuple(self.axes.values())


@dataclass(frozen=True)
class Board:
    """All combinations: usable ones first, complete and best first, those without a result last.

    `hopeless` names the languages in which no combination is usable.
    """

    rows: tuple[Row, ...]
    languages: tuple[str, ...]
    metrics: dict[str, str]
    values: dict[str, tuple[str, ...]]
    """The values of each axis in the order of the suite."""
    hopeless: tuple[str, ...]

    @property
    def ranked(self) -> list[tuple[Row, Estimate]]:
        """The rows that have an error rate, with it."""
        return [(row, row.error) for row in self.rows if row.error is not None]

    @property
    def contenders(self) -> list[Row]:
        """The usable rows: those that may win something."""
        return [row for row in self.rows if row.usable]

    @property
    def best(self) -> Row | None:
        """The usable combination with the lowest error rate, complete if any of them is."""
        return next(iter(self.contenders), None)

    @property
    def lead(self) -> Row | None:
        """The row whose other settings views are drawn at: the best, else the lowest error."""
        return self.ranked[0][0] if self.ranked else None

    @property
    def varying(self) -> tuple[str, ...]:
        """The axes with more than one value; method and compression always count."""
        always = ("method", "compression")
        return tuple(axis for axis in AXES if len(self.values[axis]) > 1 or axis in always)

    def label(self, row: Row) -> str:
        """What tells `row` from the others, such as `maml, adamw, int8`."""
        names = (row.axes[axis] or "default" for axis in self.varying)
        return ", ".join("uncompressed" if name == UNCOMPRESSED else name for name in names)

    def near(self, row: Row, *free: str) -> list[Row]:
        """The rows that agree with `row` on every axis but the `free` ones."""
        fixed = [axis for axis in AXES if axis not in free]
        return [r for r in self.rows if all(r.axes[a] == row.axes[a] for a in fixed)]

    @property
    def error_name(self) -> str:
        """`WER`, `CER`, or `error rate` where languages are scored differently."""
        metrics = set(self.metrics.values())
        return metrics.pop().upper() if len(metrics) == 1 else "error rate"


def build_board(records: pd.DataFrame) -> Board:
    """Gather the records of `load.Results`."""
    languages = tuple(_in_order(records["language"]))
    groups = records.groupby(list(AXES), sort=False)
    able = usable.usable_combinations(
        records, groups.ngroup().to_numpy().astype(np.intp), groups.ngroups, languages
    )
    rows = [
        _row(cells, languages, bool(may))
        for (_, cells), may in zip(groups, able.overall, strict=True)
    ]
    rows.sort(key=_order)
    pairs = records.drop_duplicates("language")
    return Board(
        rows=tuple(rows),
        languages=languages,
        metrics={
            str(k): str(v) or "wer" for k, v in zip(pairs.language, pairs.metric, strict=True)
        },
        values={axis: tuple(_in_order(records[axis])) for axis in AXES},
        hopeless=able.hopeless,
    )


def _order(row: Row) -> tuple[bool, bool, bool, float]:
    rate = row.error.rate if row.error else 0.0
    return row.error is None, not row.usable, not row.complete, rate


def best_per(axis: str, board: Board) -> list[Row]:
    """The best usable row of each value of `axis`, best first."""
    found: dict[str, Row] = {}
    for row in board.contenders:
        found.setdefault(row.axes[axis], row)
    return list(found.values())


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points that no other beats in one coordinate and equals in the other.

    Both coordinates are better when lower; the result is sorted by the first.
    """
    front: list[int] = []
    lowest = math.inf
    for index in sorted(range(len(points)), key=lambda i: points[i]):
        if points[index][1] < lowest:
            front.append(index)
            lowest = points[index][1]
    return front


def collapsed(records: pd.DataFrame) -> pd.DataFrame:
    """The scored cells whose model says nearly nothing, so that their rate tells little."""
    return records[usable.collapsed(records)]


def _row(cells: pd.DataFrame, languages: tuple[str, ...], may_win: bool) -> Row:
    scored = cells[cells["rate"].notna()]
    present = [language for language in languages if language in set(scored["language"])]
    # Draws of one seed share its meta-training: only seeds are independent repetitions.
    repeat = "seed" if cells["seed"].nunique() > 1 else "draw"
    scored = scored.assign(half=(scored["high"] - scored["low"]) / 2)
    error, by_language, per_seed = None, {}, {}
    if present:
        groups = scored.groupby([repeat, "language"])
        rates = groups["rate"].mean().unstack().reindex(columns=present)
        halves = groups["half"].mean().unstack().reindex(columns=present)
        error = estimate(rates.to_numpy(), halves.to_numpy())
        by_language = {
            name: estimate(rates[[name]].to_numpy(), halves[[name]].to_numpy()) for name in present
        }
        per_seed = {str(k): float(v) for k, v in rates.dropna().mean(axis=1).items()}
    medians = scored[list(Cost.__dataclass_fields__)].median()
    return Row(
        axes={axis: str(cells[axis].iloc[0]) for axis in AXES},
        error=error,
        languages=by_language,
        per_seed=per_seed,
        cost=Cost(**{str(name): float(value) for name, value in medians.items()}),
        num_seeds=int(scored["seed"].nunique()),
        num_cells=len(cells),
        num_failed=len(cells) - len(scored),
        complete=len(present) == len(languages),
        usable=may_win,
    )


def _in_order(values: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values))
