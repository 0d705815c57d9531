"""Looks up one cell in a published leaderboard or in a results folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from benchmark.errors import DataError, UserError
from benchmark.publish.rows import params_of
from benchmark.results.columns import PUBLISHED
from benchmark.results.documents import (
    LINEAGE,
    SETTINGS,
    Name,
    loads,
    printable,
    read_json,
    valid,
)
from benchmark.results.documents import PROVENANCE as PROVENANCE_SHAPE
from benchmark.results.files import BOARD_JSON, BOARD_PARQUET, PROVENANCE, RECORDS
from benchmark.results.hypotheses import digest
from benchmark.results.read import read_provenance, read_run, read_table
from benchmark.results.values import reason
from benchmark.store.stages import Status

STATUS: TypeAdapter[Any] = TypeAdapter(Status)
DEVICE: TypeAdapter[Any] = TypeAdapter(Name)
DIGEST: TypeAdapter[Any] = TypeAdapter(Name | None)


@dataclass(frozen=True)
class PublishedCell:
    """The record of a cell that is to be run again.

    hypotheses  digest of all its hypotheses; None if they were not recorded
    lineage     kind, key and digest of weights of each stage that the cell depends on
    provenance  of the run; empty if it was not recorded
    stack       how many learned together; 1 learned alone
    metric      the error rate of its language, and
    rate        its value; None if it was not recorded
    """

    cell: str
    status: str
    device: str
    params: dict[str, Any]
    lineage: list[dict[str, Any]]
    hypotheses: str | None
    provenance: dict[str, Any]
    stack: int = 1
    metric: str = "wer"
    rate: float | None = None


def find_cell(cell: str, place: Path) -> PublishedCell:
    """Look for a cell in a leaderboard, a records file, a results folder or a folder of those.

    Raises UserError if it is not there, DataError if a file cannot be read or lacks settings.
    """
    searched = list(_files(place))
    if not searched:
        raise UserError(f"{place}: no {BOARD_JSON}, {BOARD_PARQUET} or {RECORDS} here")
    for file in searched:
        read = _in_json if file.suffix == ".json" else _in_parquet
        if published := read(cell, file):
            return published
    raise UserError(f"no cell {cell!r} in {', '.join(map(str, searched[:3]))}")


def _files(place: Path) -> list[Path]:
    """The files to search: a leaderboard if there is one, otherwise records."""
    if place.is_file():
        return [place]
    for pattern in (BOARD_JSON, BOARD_PARQUET, RECORDS, f"*/{RECORDS}"):
        if files := sorted(place.glob(pattern)):
            return files
    return []


def _in_json(cell: str, file: Path) -> PublishedCell | None:
    """A cell of leaderboard.json; None if it is not there."""
    try:
        document = read_json(file, whole=False)
    except DataError as error:
        raise DataError(f"{error}; it is not a published leaderboard") from None
    try:
        row = next((row for row in document["rows"] if row["cell"] == cell), None)
        if row is None:
            return None
        head = {name: document[name] for name in ("common", "members", "disjoint")}
        row, head, source = map(printable, (row, head, document["sources"][row["source"]]))
        return PublishedCell(
            cell=cell,
            status=valid(STATUS, row["status"]),
            device=valid(DEVICE, row.get("device") or "cpu"),
            params=valid(SETTINGS, params_of(row, head)),
            lineage=valid(LINEAGE, row["lineage"]),
            hypotheses=valid(DIGEST, row.get("hypotheses")),
            provenance=valid(PROVENANCE_SHAPE, source),
            **_rounded(row),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DataError(f"{file}: not a published leaderboard ({_reason(error)})") from None


def _in_parquet(cell: str, file: Path) -> PublishedCell | None:
    """A cell of leaderboard.parquet or records.parquet; None if it is not there."""
    if file.name == RECORDS:
        run = read_run(file.parent)
        rows, provenance = run.records[run.records["cell"] == cell], run.provenance
    else:
        run = None
        rows = read_table(file, PUBLISHED, ("cell", "status"), [cell])
        provenance = read_provenance(file.with_name(PROVENANCE))
    if rows.empty:
        return None
    row = {name: value for name, value in rows.iloc[0].items() if not pd.isna(value)}
    try:
        params = valid(SETTINGS, loads(row["params"]))
        params["settings"], params["data"]
        lineage = valid(LINEAGE, loads(row.get("lineage", "[]")))
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{file}: the settings of cell {cell} were not recorded ({_reason(error)})"
        ) from None
    hypotheses = row.get("hypotheses")
    if run is not None and run.has_utterances:
        table = run.utterances(("cell", "uid", "hypothesis"), [cell])
        hypotheses = digest(table["uid"], table["hypothesis"].fillna("")) if len(table) else None
    return PublishedCell(
        cell=cell,
        status=str(row["status"]),
        device=str(row.get("device") or "cpu"),
        params=params,
        lineage=lineage,
        hypotheses=hypotheses,
        provenance=provenance,
        **_rounded(row),
    )


def _rounded(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields that say how far another result may be from this one. Raises ValueError."""
    stacks = [int(row.get(f"{kind}_stack") or 1) for kind in ("meta_train", "adapt")]
    metric = str(row.get("metric") or "wer")
    rate = row.get(metric)
    return {"stack": max(stacks), "metric": metric, "rate": None if rate is None else float(rate)}


def _reason(error: Exception) -> str:
    text = f"no field {error}" if isinstance(error, KeyError) else str(error)
    return reason(text)
