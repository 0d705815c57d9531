"""One published or recorded cell, found where it was written down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError, UserError
from benchmark.publish.rows import JSON_FILE, PARQUET_FILE, params_of
from benchmark.results.hypotheses import digest
from benchmark.results.tables import check_tables


@dataclass(frozen=True)
class PublishedCell:
    """What is known of a cell that is to be run again.

    hypotheses  their digest; None where they were not kept
    lineage     kind, key and digest of weights of each stage behind the cell
    provenance  of the run; empty where it is not at hand
    """

    cell: str
    status: str
    device: str
    params: dict[str, Any]
    lineage: list[dict[str, Any]]
    hypotheses: str | None
    provenance: dict[str, Any]


def find_cell(cell: str, place: Path) -> PublishedCell:
    """Look for a cell in a leaderboard, a records file, a results folder or a folder of those.

    Raises UserError when it is not there, DataError when a file cannot be read or lacks settings.
    """
    searched = list(_files(place))
    if not searched:
        raise UserError(f"{place}: no {JSON_FILE}, {PARQUET_FILE} or records.parquet here")
    for file in searched:
        found = _in_json(cell, file) if file.suffix == ".json" else _in_parquet(cell, file)
        if found:
            return found
    raise UserError(f"no cell {cell!r} in {', '.join(map(str, searched[:3]))}")


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    for pattern in (JSON_FILE, PARQUET_FILE, "records.parquet", "*/records.parquet"):
        if found := sorted(place.glob(pattern)):
            return found
    return []


def _in_json(cell: str, file: Path) -> PublishedCell | None:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        row = next((row for row in document["rows"] if row["cell"] == cell), None)
        if row is None:
            return None
        provenance = document["sources"][row["source"]]
        return _cell(
            row, params_of(row, document), row["lineage"], row.get("hypotheses"), provenance
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"{file}: not a published leaderboard ({error!r})") from None


def _in_parquet(cell: str, file: Path) -> PublishedCell | None:
    """A row of leaderboard.parquet or of records.parquet."""
    check_tables(file.parent)
    rows = _rows(file, cell)
    if rows.empty:
        return None
    row = {name: value for name, value in rows.iloc[0].items() if not pd.isna(value)}
    try:
        params, lineage = json.loads(row["params"]), json.loads(row.get("lineage", "[]"))
        params["settings"], params["data"]
    except (KeyError, ValueError, TypeError):
        raise DataError(f"{file}: the settings of cell {cell} were not recorded") from None
    provenance_file = file.with_name("provenance.json")
    provenance = (
        json.loads(provenance_file.read_text(encoding="utf-8")) if provenance_file.exists() else {}
    )
    hypotheses = row.get("hypotheses")
    utterances = file.with_name("utterances.parquet")
    if hypotheses is None and utterances.exists():
        heard = _rows(utterances, cell)
        hypotheses = digest(heard["uid"], heard["hypothesis"]) if len(heard) else None
    return _cell(row, params, lineage, hypotheses, provenance)


def _rows(file: Path, cell: str) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pq.read_table(file, filters=[("cell", "=", cell)]).to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a readable table of cells ({reason})") from None
    return table


def _cell(
    row: dict[Any, Any],
    params: dict[str, Any],
    lineage: list[dict[str, Any]],
    hypotheses: str | None,
    provenance: dict[str, Any],
) -> PublishedCell:
    return PublishedCell(
        cell=str(row["cell"]),
        status=str(row["status"]),
        device=str(row.get("device") or "cpu"),
        params=params,
        lineage=lineage,
        hypotheses=hypotheses,
        provenance=provenance,
    )
