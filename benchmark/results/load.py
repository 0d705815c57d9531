"""Read a results folder; what a partial or older run lacks is filled in as absent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import DataError, UserError
from benchmark.methods.base import METHODS
from benchmark.results.columns import RECORD
from benchmark.results.documents import loads
from benchmark.results.files import RECORDS
from benchmark.results.read import StoredRun, read_run


@dataclass(frozen=True)
class Results:
    """One results folder.

    `records` has one row per cell with every column of the contract and three more: `rate`, `low`
    and `high`, the error rate of the language's own metric (WER or CER, a fraction) with its
    interval; they are absent (NaN) unless the cell's status is `ok`. `ceiling` of older results is
    looked up by the method's name. `run` holds what was read.
    """

    suite: str
    run: StoredRun
    records: pd.DataFrame

    @property
    def folder(self) -> Path:
        return self.run.folder

    @property
    def provenance(self) -> dict[str, Any]:
        """See `documents.Provenance`; empty when it was not stored."""
        return self.run.provenance

    def utterances(self, cells: list[str]) -> pd.DataFrame:
        """The utterances of `cells`; empty when they were not stored."""
        if not self.run.has_utterances or not cells:
            return pd.DataFrame()
        found = self.run.utterances(("cell", "uid", "reference", "hypothesis"), cells)
        return found.fillna({"reference": "", "hypothesis": ""})

    def trials(self) -> pd.DataFrame:
        """The trials of tuning; empty when nothing was tuned.

        Raises DataError when their table cannot be read.
        """
        return self.run.trials


def load(folder: Path) -> Results:
    """Raises DataError when `folder` holds no records, or what it holds cannot be reported."""
    run = read_run(folder)
    records = _completed(run.records)
    versions = sorted({*records.loc[records["status"] == "ok", "normaliser"]} - {""})
    if len(versions) > 1:
        raise DataError(
            f"{folder / RECORDS}: rates by {versions[0]} and by {versions[1]} do not compare;"
            " run the suite again, which scores all of it alike"
        )
    return Results(folder.resolve().name, run, records)


def _completed(records: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name, column in RECORD.items():
        values = records[name] if name in records else _absent(column.dtype, records.index)
        if name == "ceiling" and values.isna().any():
            columns[name] = values.fillna(_ceilings(records)).astype(bool)
        elif column.dtype == "string" or column.axis:
            columns[name] = values.astype("string").fillna("").astype(object)
        elif column.dtype == "boolean":
            # What a stage found out is unknown where it did not run.
            columns[name] = values if column.stage else values.fillna(False).astype(bool)
        else:
            columns[name] = values.to_numpy(float, na_value=np.nan)
    completed = pd.DataFrame(columns, index=records.index)
    ok = completed["status"] == "ok"
    is_cer = completed["metric"] == "cer"
    for target, suffix in (("rate", ""), ("low", "_low"), ("high", "_high")):
        chosen = completed["cer" + suffix].where(is_cer, completed["wer" + suffix])
        completed[target] = chosen.where(ok)
    return completed


def _absent(dtype: str, index: pd.Index[Any]) -> pd.Series[Any]:
    return pd.Series(np.nan if dtype == "float64" else pd.NA, index=index, dtype=dtype)


def _ceilings(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether each cell's method is a ceiling by its name; a name that is not known is none."""
    if "method" not in records:
        return pd.Series(False, index=records.index)
    names = records["method"].fillna("").astype(str)
    params = records["params"] if "params" in records else pd.Series("", index=records.index)
    first = {label: params[names == label].iloc[0] for label in names.unique()}
    return names.map({label: _is_ceiling(label, text) for label, text in first.items()})


def _is_ceiling(label: str, params: Any) -> bool:
    try:
        name = loads(params)["settings"]["method"]["name"]
    except (ValueError, KeyError, TypeError):
        name = label
    try:
        return METHODS.find(str(name)).cls.ceiling
    except UserError:
        return False
