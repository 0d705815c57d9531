"""What each structure costs to run: one row per timing, which many cells share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.results.documents import loads
from benchmark.results.load import Results


@dataclass(frozen=True)
class TimingRow:
    """One timing: `cost` holds its columns of the records.

    `lengths` holds the latencies by seconds of speech, the first length first; `invalid` says why
    its ratios say nothing, and is empty where they do.
    """

    name: str
    cost: dict[str, Any]
    lengths: tuple[dict[str, Any], ...]
    invalid: str


def timing_rows(results: Results) -> list[TimingRow]:
    """The timings of a results folder, in the order of its records."""
    records = results.records
    timed = records[records["latency_p50_ms"].notna() & (records["cost_key"] != "")]
    reasons = results.provenance.get("timing_invalid") or {}
    return [
        TimingRow(
            name=_name(cells, timed),
            cost={str(name): value for name, value in cells.iloc[0].items()},
            lengths=tuple(loads(cells["latency_by_length"].iloc[0] or "[]")),
            invalid=str(reasons.get(key, "")),
        )
        for key, cells in timed.groupby("cost_key", sort=False)
    ]


def _name(cells: pd.DataFrame, timed: pd.DataFrame) -> str:
    """What tells a structure from the others: the languages decide how many units there are."""
    axes = ["compression"]
    axes += [axis for axis in ("model", "runtime") if timed[axis].nunique() > 1]
    parts = [str(cells[axis].iloc[0]) or "default" for axis in axes]
    languages = list(dict.fromkeys(cells["language"]))
    if len(languages) < timed["language"].nunique():
        parts.append(" ".join(languages))
    return ", ".join(parts)
