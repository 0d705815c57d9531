"""One side of a comparison: records and error counts per utterance, from either kind of file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError, UserError
from benchmark.evidence.baseline import BASELINE, PACKED, unpacked
from benchmark.evidence.usable import constant
from benchmark.registry import did_you_mean
from benchmark.results.tables import PROVENANCE, RECORDS, UTTERANCES

AXES = (
    "model",
    "method",
    "outer",
    "optimizer",
    "compression",
    "language",
    "shots",
    "draw",
    "head",
    "runtime",
)
"""What names a system in a language; seeds repeat it."""

NEEDED = (
    *("cell", "seed", "status", "error", "metric", "normaliser", "size_bytes", "wer"),
    *("quality_key", "cost_key", "params"),
)


@dataclass(frozen=True)
class Side:
    """Results to be compared, read only as far as numbers go: no text is kept.

    records  one row per cell, with `corpus`: the digest of its language's prepared speech, and
             `constant`: whether its model says the same whatever it hears, absent where unknown
    counts   per cell a table of uid, speaker, errors and reference lengths
    stages   the folder of finished stages, None for a baseline file
    """

    name: str
    records: pd.DataFrame
    counts: dict[str, pd.DataFrame]
    stages: Path | None

    def where(self, selection: dict[str, list[str]]) -> Side:
        """The cells whose axes have these values. Raises UserError where none has."""
        records = self.records
        for axis, values in selection.items():
            if axis not in (*AXES, "seed"):
                hint = did_you_mean(axis, [*AXES, "seed"])
                raise UserError(f"--where: unknown axis {axis!r}{hint}")
            known = sorted(records[axis].astype(str).unique())
            for value in values:
                if value not in known:
                    hint = did_you_mean(value, known)
                    raise UserError(f"{self.name}: no cell has {axis} {value!r}{hint}")
            records = records[records[axis].astype(str).isin(values)]
        chosen = ", ".join(f"{axis}={','.join(values)}" for axis, values in selection.items())
        name = f"{self.name} [{chosen}]" if chosen else self.name
        return replace(self, name=name, records=records)


def load_side(path: Path) -> Side:
    """Read a results folder or a baseline file (or a folder that holds one).

    Raises UserError where there is nothing, DataError where it cannot be read or judged.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder")
    if path.is_file() or (path / BASELINE).exists():
        return _from_baseline(path if path.is_file() else path / BASELINE)
    return _from_results(path)


def _from_baseline(path: Path) -> Side:
    table = _read(path)
    _check(table, (*NEEDED, *AXES, "corpus", *PACKED), path)
    records, counts = unpacked(table)
    return Side(str(path), records, counts, None)


def _from_results(folder: Path) -> Side:
    if not (folder / RECORDS).exists():
        raise DataError(f"{folder}: no {RECORDS} here; give a folder such as results/SUITE")
    records = _read(folder / RECORDS)
    _check(records, (*NEEDED, *AXES), folder / RECORDS)
    if records.empty:
        raise DataError(f"{folder / RECORDS}: no cells; nothing was run")
    if not (folder / UTTERANCES).exists():
        raise DataError(f"{folder}: no {UTTERANCES}; cells are compared utterance by utterance")
    utterances = _read(folder / UTTERANCES)
    if not utterances.empty:
        _check(utterances, ("cell", *PACKED), folder / UTTERANCES)
        records["constant"] = records["cell"].map(constant(utterances)).astype("boolean")
        utterances = utterances[["cell", *PACKED]]
    digests = _corpus_digests(folder / PROVENANCE)
    records["corpus"] = [digests.get(str(language)) for language in records["language"]]
    counts = {
        str(cell): table.drop(columns="cell").reset_index(drop=True)
        for cell, table in (utterances.groupby("cell", sort=False) if len(utterances) else ())
    }
    return Side(str(folder), records, counts, folder / "stages")


def _read(path: Path) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a readable Parquet file ({reason})") from None
    return table


def _check(table: pd.DataFrame, columns: tuple[str, ...], path: Path) -> None:
    if missing := [column for column in columns if column not in table]:
        names = ", ".join(missing[:4])
        raise DataError(f"{path}: no column {names}; another version wrote it, run it again")


def _corpus_digests(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        provenance: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        corpora = provenance.get("corpora", [])
        return {c["language"]: c["digest"] for c in corpora if c.get("digest")}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise DataError(f"{path}: not a provenance file") from None
