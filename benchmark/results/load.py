"""Loads a results folder and fills in absent columns of partial or older runs."""

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

    run      the folder as it was read
    records  one row per cell, with every column of `columns.RECORD` and three more: `rate`, `low`
             and `high`, the error rate by the own metric of the language (WER or CER, a fraction)
             with its interval. These are NaN unless the cell's status is `ok`. If older results
             lack `ceiling`, it is looked up by the method's name.
    """

    suite: str
    run: StoredRun
    records: pd.DataFrame

    @property
    def folder(self) -> Path:
        return self.run.folder

    @property
    def provenance(self) -> dict[str, Any]:
        """The provenance of the run, see `documents.Provenance`; empty if it was not stored."""
        return self.run.provenance

    def utterances(self, cells: list[str]) -> pd.DataFrame:
        """The utterances of `cells`; empty if they were not stored."""
        if not self.run.has_utterances or not cells:
            return pd.DataFrame()
        utterances = self.run.utterances(("cell", "uid", "reference", "hypothesis"), cells)
        return utterances.fillna({"reference": "", "hypothesis": ""})

    def trials(self) -> pd.DataFrame:
        """The tuning trials; empty if nothing was tuned.

        Raises DataError if their table cannot be read.
        """
        return self.run.trials


def load(folder: Path) -> Results:
    """Load a results folder. Raises DataError if it has no valid records."""
    run = read_run(folder)
    records = _complete(run.records)
    versions = sorted({*records.loc[records["status"] == "ok", "normaliser"]} - {""})
    if len(versions) > 1:
        raise DataError(
            f"{folder / RECORDS}: rates by normalisers {versions[0]} and {versions[1]} are not"
            " comparable; run the suite again, which scores all cells by one normaliser"
        )
    return Results(folder.resolve().name, run, records)


def _complete(records: pd.DataFrame) -> pd.DataFrame:
    """Records with every column, and with the columns `rate`, `low` and `high`."""
    columns: dict[str, Any] = {}
    for name, column in RECORD.items():
        values = records[name] if name in records else _absent(column.dtype, records.index)
        if name == "ceiling" and values.isna().any():
            columns[name] = values.fillna(_ceilings(records)).astype(bool)
        elif column.dtype == "string" or column.axis:
            columns[name] = values.astype("string").fillna("").astype(object)
        elif column.dtype == "boolean":
            # A fact of a stage is unknown if the stage did not run.
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
    """Whether each cell's method is a ceiling, by its name. Unknown methods count as no ceiling."""
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
