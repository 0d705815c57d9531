"""The leaderboard as CSV: one row per combination, rates as fractions, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import Any

from benchmark.report.load import Results
from benchmark.report.tables import AXES, Cost, Row
from benchmark.report.verdicts import Verdicts
from benchmark.results.columns import RECORD
from benchmark.text.escape import neutralise

_COSTS = [f.name for f in fields(Cost) if RECORD[f.name].cost == "csv"]


def to_csv(results: Results, verdicts: Verdicts) -> str:
    """The text of `leaderboard.csv`, best combination first.

    `error_rate` is the macro average over languages with `low` and `high` of its 95 % interval;
    each language adds three columns named after its metric, such as `wer_nl`. Costs are medians
    over the cells; `curve_area` is the area under the adaptation curve.

    `usable` says whether the combination recognises speech; others have no group. `group` is the
    tie group, `tied_with_best` whether the row cannot be told apart from the best, `judged_by` on
    what grounds; `difference` to the best, its 95 % interval, Holm's p over all rows and the
    smallest difference that would have been found are of the paired comparison.
    """
    rows = [_entry(results, verdicts, row) for row in verdicts.board.rows]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow([neutralise(name) for name in rows[0]])
    for row in rows:
        writer.writerow([neutralise(value) for value in row.values()])
    return text.getvalue()


def _entry(results: Results, verdicts: Verdicts, row: Row) -> dict[str, Any]:
    nothing = float("nan")
    board = verdicts.board
    entry: dict[str, Any] = dict(row.axes)
    assert tuple(entry) == AXES
    error = row.error
    entry["error_rate"] = error.rate if error else nothing
    entry["low"] = error.low if error else nothing
    entry["high"] = error.high if error else nothing
    entry |= _standing(verdicts, row)
    for name in board.languages:
        own = row.languages.get(name)
        column = f"{board.metrics[name]}_{name}"
        entry[column] = own.rate if own else nothing
        entry[column + "_low"] = own.low if own else nothing
        entry[column + "_high"] = own.high if own else nothing
    entry |= {name: getattr(row.cost, name) for name in _COSTS}
    entry["usable"] = str(row.usable).lower()
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


def _standing(verdicts: Verdicts, row: Row) -> dict[str, Any]:
    nothing = float("nan")
    group, verdict = verdicts.groups.get(row.key), verdicts.against_best.get(row.key)
    found = verdict.found if verdict else None
    judged = "" if verdict is None else "utterances" if found else "overlap"
    tied = "" if group is None else str(not verdicts.apart(row)).lower()
    return {
        "group": group or "",
        "tied_with_best": tied,
        "judged_by": judged,
        "difference": found.difference if found else nothing,
        "difference_low": found.low if found else nothing,
        "difference_high": found.high if found else nothing,
        "p": found.p_holm if found else nothing,
        "detectable": found.detectable if found else nothing,
    }
