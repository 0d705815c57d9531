"""The published rows, one per cell: a table, and files for other programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.board.ranking import Ranking
from benchmark.data.languages import name as language_name
from benchmark.data.languages import script
from benchmark.finite import finite
from benchmark.publish.merge import LABELS, Merged
from benchmark.publish.schema import MEANINGS, SCHEMA_VERSION
from benchmark.publish.utterances import CellHypotheses
from benchmark.results.column import dtypes
from benchmark.results.columns import PUBLISHED
from benchmark.results.files import BOARD_CSV, BOARD_JSON, BOARD_PARQUET
from benchmark.text.escape import neutralise

STAGE = ("kind", "key", "content")
"""The published fields of a stage of the lineage."""


def make_rows(
    merged: Merged, ranking: Ranking, hypotheses: dict[str, CellHypotheses]
) -> pd.DataFrame:
    """The published rows, in the order of the records, with every column of the schema."""
    records = merged.records
    table = records.rename(
        columns={"rate": "error_rate", "low": "error_rate_low", "high": "error_rate_high"}
    )
    languages = {str(language) for language in records["language"]}
    table["language_name"] = table["language"].map(
        {name: language_name(name) for name in languages}
    )
    table["script"] = table["language"].map({name: script(name) for name in languages})
    corpora = {
        corpus["language"]: corpus.get("digest")
        for folder in merged.folders
        for corpus in folder.provenance["corpora"]
    }
    table["corpus"] = table["language"].map(corpora)
    table["pace"] = [_pace(text) for text in table["params"]]
    table["machine"] = [merged.machines[source] for source in table["source"]]
    digests = {cell: own.digest for cell, own in hypotheses.items()}
    table["hypotheses"] = table["cell"].map(digests)
    table["tuned"] = records["params"].map(_tuned)
    combination = [0] * len(table)
    group: list[int | None] = [None] * len(table)
    for index, row in enumerate(ranking.board.combinations):
        tie_group = ranking.groups.get(row.key)
        for cell in row.cells:
            combination[cell], group[cell] = index, tie_group
    table["combination"], table["group"] = combination, group
    types = dtypes(PUBLISHED)
    texts = [name for name, dtype in types.items() if dtype == "string"]
    table[texts] = table[texts].replace("", None)
    for name in ("seed", "draw"):
        table[name] = pd.to_numeric(table[name])
    return table[list(PUBLISHED)].astype(types)


def _tuned(params: str) -> str:
    """How a cell was tuned, with the chosen settings, as JSON; empty if it was not tuned."""
    if '"tuned"' not in params:
        return ""
    settings = json.loads(params)
    tuned = settings.get("tuned")
    if not tuned:
        return ""
    chosen = {axis: settings["settings"][axis] for axis in tuned["from"]}
    return json.dumps({**tuned, "settings": chosen}, ensure_ascii=False)


def _pace(params: str) -> str | None:
    """The pace of a cell as JSON; None without a budget in seconds."""
    pace = json.loads(params).get("pace")
    return json.dumps(pace) if pace else None


def write_rows(folder: Path, merged: Merged, rows: pd.DataFrame) -> None:
    """Write leaderboard.parquet, .csv and .json."""
    rows.to_parquet(folder / BOARD_PARQUET, index=False, compression="zstd")
    _write_csv(folder / BOARD_CSV, rows)
    _write_json(folder / BOARD_JSON, merged, rows)


def _write_csv(path: Path, rows: pd.DataFrame) -> None:
    """Write the CSV file. Texts that a spreadsheet would read as formulas are neutralised."""
    table = rows[[name for name, column in PUBLISHED.items() if column.in_csv]].copy()
    for name in (n for n in table.columns if PUBLISHED[n].dtype == "string"):
        safe = {text: neutralise(text) for text in table[name].dropna().unique()}
        table[name] = table[name].map(safe)
    table.to_csv(path, index=False, float_format="%.6g", quoting=csv.QUOTE_MINIMAL)


def _write_json(path: Path, merged: Merged, rows: pd.DataFrame) -> None:
    """Write common settings once, since `params` of 100,000 cells would take 200 MB."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "columns": {name: meaning for name, meaning in MEANINGS.items() if name != "params"},
        "common": merged.common,
        "members": merged.members,
        "disjoint": merged.disjoint,
        "sources": [folder.provenance for folder in merged.folders],
    }
    with path.open("w", encoding="utf-8") as file:
        text = json.dumps(finite(head), ensure_ascii=False, indent=1, allow_nan=False)
        file.write(text.removesuffix("\n}") + ',\n "rows": [\n')
        for number, row in enumerate(plain_rows(rows.drop(columns="params"))):
            text = json.dumps(parse_columns(row), ensure_ascii=False, allow_nan=False)
            file.write((",\n" if number else "") + text)
        file.write("\n ]\n}\n")


def plain_rows(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows as JSON values, without absent values; fractions have six significant digits."""
    columns = {}
    for name in rows.columns:
        values = rows[name]
        if values.dtype == "float64":
            columns[name] = [
                float(f"{v:.6g}") if math.isfinite(v) else None for v in values.tolist()
            ]
        else:
            columns[name] = values.astype(object).where(values.notna(), None).tolist()
    for row in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(columns, row, strict=True) if value is not None}


def parse_columns(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose JSON columns are parsed."""
    stages = json.loads(row.get("lineage") or "[]")
    row = {**row, "lineage": [{name: stage[name] for name in STAGE} for stage in stages]}
    return {**row, "tuned": json.loads(row["tuned"])} if "tuned" in row else row


def params_of(row: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The settings of a row of leaderboard.json, in the shape of `params` of its record."""
    common = document["common"]
    tuned = row.get("tuned") or {}
    members = {
        axis: labels[row[axis]]
        for axis, labels in document["members"].items()
        if row[axis] in labels
    }
    return {
        **common,
        **({"pace": json.loads(row["pace"])} if "pace" in row else {}),
        **{axis: row[axis] for axis in (*LABELS, "language", "shots", "head", "runtime")},
        "seed": str(row["seed"]),
        "draw": row["draw"],
        "settings": members | tuned.get("settings", {}),
        "data": {**common["data"], "disjoint": document["disjoint"][row["language"]]},
        **({"tuned": {k: v for k, v in tuned.items() if k != "settings"}} if tuned else {}),
    }
