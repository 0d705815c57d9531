"""One finished cell in a results folder, with the stages that are still on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.errors import DataError, UserError
from benchmark.registry import runtime_of
from benchmark.results.store import StageStore
from benchmark.results.tables import PROVENANCE, RECORDS, check_tables
from benchmark.runtimes.base import NATIVE, Runtime


@dataclass(frozen=True)
class FinishedCell:
    """What is known of a cell, and the file that its numbers were measured on.

    row           its row of records.parquet, without what was not measured
    provenance    of the run
    runtime_name  what the registry calls the runtime
    """

    row: dict[str, Any]
    provenance: dict[str, Any]
    runtime: Runtime
    runtime_name: str
    artefact: Path


def finished_cell(cell: str, place: Path) -> FinishedCell:
    """Look for a cell in a results folder, or in a folder of those.

    Raises UserError when it is not there or did not finish, DataError when its file is gone.
    """
    folders = [path.parent for path in (place / RECORDS, *sorted(place.glob(f"*/{RECORDS}")))]
    folders = [folder for folder in folders if (folder / RECORDS).exists()]
    if not folders:
        raise UserError(f"{place}: no {RECORDS} here; say where the results are with --from DIR")
    for folder in folders:
        check_tables(folder)
        rows = pd.read_parquet(folder / RECORDS).query("cell == @cell")
        if len(rows):
            row = {str(k): v for k, v in rows.iloc[0].items() if not pd.isna(v)}
            return _finished(cell, folder, row)
    raise UserError(f"no cell {cell!r} in {', '.join(map(str, folders[:3]))}")


def _finished(cell: str, folder: Path, row: dict[str, Any]) -> FinishedCell:
    if row["status"] != "ok":
        raise UserError(f"cell {cell} has no model: {row['status']} ({row.get('error')})")
    store = StageStore(folder / "stages")
    evaluated = store.get(row["quality_key"])
    if evaluated is None:
        raise store.damage(row["quality_key"]) or DataError(
            f"{store.path(row['quality_key'])} is gone; run the suite again"
        )
    runtime = runtime_of(evaluated.identity)
    if missing := runtime.missing():
        raise UserError(f"{row['runtime']} cannot be used here: {missing}")
    artefact = runtime.file(store.open(evaluated.identity["artefact"]))
    if not artefact.exists():
        raise DataError(f"{artefact} is gone; run the suite again")
    provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    named = evaluated.identity.get("runtime", {"name": NATIVE})
    return FinishedCell(row, provenance, runtime, named["name"], artefact)
