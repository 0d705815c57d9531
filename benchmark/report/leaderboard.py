"""The leaderboard as CSV: one row per combination, rates as fractions, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import Any

from benchmark.board.combination import AXES, Combination, Cost
from benchmark.board.ranking import Ranking
from benchmark.results.columns import RECORD
from benchmark.results.load import Results
from benchmark.text.escape import neutralise

_COSTS = [f.name for f in fields(Cost) if RECORD[f.name].cost == "csv"]


def to_csv(results: Results, ranking: Ranking) -> str:
    """The text of `leaderboard.csv`, best combination first.

    `error_rate` is the macro average over languages with `low` and `high` of its 95 % interval;
    each language adds three columns named after its metric, such as `wer_nl`. Costs are medians
    over the cells; `curve_area` is the area under the adaptation curve.

    `usable` says whether the combination recognises speech, `ceiling` whether its method sees all
    training speech of the language; only usable combinations that are no ceilings have a group.
    `group` is the tie group, `tied_with_best` whether the row is statistically tied with the best,
    `judged_by` on what grounds. `difference` to the best, its 95 % interval, Holm's p over all rows
    and the smallest detectable difference are those of the paired comparison.
    """
    rows = [_entry(results, ranking, row) for row in ranking.board.combinations]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow([neutralise(name) for name in rows[0]])
    for row in rows:
        writer.writerow([neutralise(value) for value in row.values()])
    return text.getvalue()


def _entry(results: Results, ranking: Ranking, row: Combination) -> dict[str, Any]:
    nothing = float("nan")
    board = ranking.board
    entry: dict[str, Any] = dict(row.axes)
    assert tuple(entry) == AXES
    error = row.error
    entry["error_rate"] = error.rate if error else nothing
    entry["low"] = error.low if error else nothing
    entry["high"] = error.high if error else nothing
    entry |= _standing(ranking, row)
    for name in board.languages:
        own = row.languages.get(name)
        column = f"{board.metrics[name]}_{name}"
        entry[column] = own.rate if own else nothing
        entry[column + "_low"] = own.low if own else nothing
        entry[column + "_high"] = own.high if own else nothing
    entry |= {name: getattr(row.cost, name) for name in _COSTS}
    entry |= {"usable": str(row.usable).lower(), "ceiling": str(row.ceiling).lower()}
    entry |= {"n_seeds": row.num_seeds, "n_languages": len(row.languages)}
    entry |= {"n_cells": row.num_cells, "n_failed": row.num_failed}
    git = results.provenance.get("git") or {}
    entry |= {
        "suite": results.suite,
        "synthetic": str(bool(results.records["synthetic"].any())).lower(),
        "created": str(results.provenance.get("created") or ""),
        "commit": str(git.get("commit") or "") + ("+changes" if git.get("dirty") else ""),
    }
    return entry


def _standing(ranking: Ranking, row: Combination) -> dict[str, Any]:
    nothing = float("nan")
    group, difference = ranking.groups.get(row.key), ranking.against_best.get(row.key)
    comparison = difference.comparison if difference else None
    judged = "" if difference is None else "utterances" if comparison else "overlap"
    tied = "" if group is None else str(not (difference and difference.significant)).lower()
    return {
        "group": group or "",
        "tied_with_best": tied,
        "judged_by": judged,
        "difference": comparison.difference if comparison else nothing,
        "difference_low": comparison.low if comparison else nothing,
        "difference_high": comparison.high if comparison else nothing,
        "p": comparison.p_holm if comparison else nothing,
        "detectable": comparison.detectable if comparison else nothing,
    }
