"""A finished cell in a results folder, with its stages on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.errors import DataError, UserError
from benchmark.results.documents import EVALUATED, valid
from benchmark.results.files import RECORDS, STAGES
from benchmark.results.read import StoredRun, read_run
from benchmark.runtimes.base import NATIVE, Runtime, runtime_of
from benchmark.store.stages import StageStore

SHIPPED = (
    *("suite", "model", "method", "optimizer", "compression", "runtime", "language", "shots"),
    *("seed", "draw", "wer", "cer", "n_utterances", "size_bytes", "parameters", "created"),
    "quality_key",
)
"""The columns shown in the card of an exported model."""


@dataclass(frozen=True)
class FinishedCell:
    """The record of a cell, and the artefact on which it was measured.

    row           its row of records.parquet, without empty fields
    provenance    the provenance of the run
    runtime_name  the name of the runtime in the registry
    """

    row: dict[str, Any]
    provenance: dict[str, Any]
    runtime: Runtime
    runtime_name: str
    artefact: Path


def finished_cell(cell: str, place: Path) -> FinishedCell:
    """Find a cell in a results folder, or in a folder of results folders.

    Raises UserError if it does not exist or did not finish, DataError if its artefact is gone.
    """
    folders = [path.parent for path in (place / RECORDS, *sorted(place.glob(f"*/{RECORDS}")))]
    folders = [folder for folder in folders if (folder / RECORDS).exists()]
    if not folders:
        raise UserError(f"{place}: no {RECORDS} here; name the results folder with --from DIR")
    for folder in folders:
        run = read_run(folder)
        rows = run.records[run.records["cell"] == cell]
        if len(rows):
            row = {str(k): v for k, v in rows.iloc[0].items() if not pd.isna(v)}
            return _finished(cell, run, row)
    raise UserError(f"no cell {cell!r} in {', '.join(map(str, folders[:3]))}")


def _finished(cell: str, run: StoredRun, row: dict[str, Any]) -> FinishedCell:
    if row["status"] != "ok":
        why = " ".join(str(row.get("error"))[:200].split())
        raise UserError(f"cell {cell} has no model: {row['status']} ({why})")
    if missing := [name for name in SHIPPED if name not in row]:
        raise DataError(f"{run.folder / RECORDS}: cell {cell} has no {missing[0]}")
    store = StageStore(run.folder / STAGES)
    evaluated = store.get(row["quality_key"])
    if evaluated is None:
        raise store.damage(row["quality_key"]) or DataError(
            f"{store.path(row['quality_key'])} is gone; run the suite again"
        )
    try:
        identity = valid(EVALUATED, evaluated.identity)
    except ValueError as error:
        place = store.path(evaluated.key)
        raise DataError(f"{place}: not a stage that evaluates ({error})") from None
    runtime = runtime_of(identity)
    if absent := runtime.missing():
        raise UserError(f"{row['runtime']} cannot be used here: {absent}")
    artefact = runtime.file(store.open(identity["artefact"]))
    if not artefact.exists():
        raise DataError(f"{artefact} is gone; run the suite again")
    named = identity.get("runtime", NATIVE)
    name = named if isinstance(named, str) else named["name"]
    return FinishedCell(row, run.provenance, runtime, name, artefact)
