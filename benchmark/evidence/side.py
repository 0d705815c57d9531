"""One side of a comparison: records and error counts, from a results folder or a baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmark.errors import DataError, UserError, did_you_mean
from benchmark.evidence.baseline import PACKED, read_baseline
from benchmark.results.columns import RECORD
from benchmark.results.files import BASELINE, RECORDS, STAGES, UTTERANCES
from benchmark.results.folders import why_not_results
from benchmark.results.read import StoredRun, read_run
from benchmark.results.utterance_columns import COUNTS
from benchmark.results.values import Place
from benchmark.scoring.usable import constant

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
"""The axes that identify a system in a language; seeds are repetitions of it."""

NEEDED = (
    *("cell", "seed", "status", "error", "metric", "normaliser", "size_bytes", "wer"),
    *("quality_key", "cost_key", "params"),
)


@dataclass(frozen=True)
class Side:
    """Results for a comparison: numbers only, without texts.

    records  one row per cell, with two more columns: `corpus`, the digest of the prepared speech of
             its language, and `constant`, whether the model outputs the same text for every
             utterance (absent if unknown)
    counts   for each cell, a table of uid, speaker, errors and reference lengths
    stages   the folder of finished stages; None for a baseline file
    """

    name: str
    records: pd.DataFrame
    counts: dict[str, pd.DataFrame]
    stages: Path | None

    def where(self, selection: dict[str, list[str]]) -> Side:
        """Select the cells with these values. Raises UserError if no cell has one of them."""
        records = self.records
        for axis, values in selection.items():
            if axis not in (*AXES, "seed"):
                hint = did_you_mean(axis, [*AXES, "seed"])
                raise UserError(f"--where: unknown axis {axis!r}{hint}")
            there = sorted(records[axis].astype(str).unique())
            for value in values:
                if value not in there:
                    hint = did_you_mean(value, there)
                    raise UserError(f"{self.name}: no cell has {axis} {value!r}{hint}")
            records = records[records[axis].astype(str).isin(values)]
        chosen = ", ".join(f"{axis}={','.join(values)}" for axis, values in selection.items())
        name = f"{self.name} [{chosen}]" if chosen else self.name
        return replace(self, name=name, records=records)


def load_side(path: Path) -> Side:
    """Read a results folder, a baseline file or a folder with a baseline file.

    Raises UserError if the path does not exist, DataError if it cannot be read or judged.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder")
    if path.is_file() or (path / BASELINE).exists():
        return _from_baseline(path if path.is_file() else path / BASELINE)
    if reason := why_not_results(path):
        raise DataError(f"{path}: {reason}; give a folder such as results/SUITE")
    return side_of(read_run(path))


def side_of(run: StoredRun) -> Side:
    """A results folder as one side. Raises DataError if it lacks what a comparison needs."""
    run.require((*NEEDED, *AXES))
    if run.records.empty:
        raise DataError(f"{run.folder / RECORDS}: no cells; run the suite first")
    if not run.has_utterances:
        raise DataError(f"{run.folder}: no {UTTERANCES}; cells are compared utterance by utterance")
    utterances = run.utterances(("cell", *PACKED))
    counts: dict[str, pd.DataFrame] = {}
    records = run.records
    if len(utterances):
        is_constant = records["cell"].map(constant(utterances)).astype("boolean")
        records = records.assign(constant=is_constant)
        utterances = utterances.astype(dict.fromkeys(COUNTS, "int64"))
        for cell, table in utterances[["cell", *PACKED]].groupby("cell", sort=False):
            counts[str(cell)] = table.drop(columns="cell").reset_index(drop=True)
    digests = {
        str(corpus["language"]): corpus["digest"]
        for corpus in run.provenance.get("corpora") or ()
        if corpus.get("digest")
    }
    corpus = [digests.get(str(language)) for language in records["language"]]
    records = records.assign(corpus=pd.array(corpus, dtype="string"))
    return Side(
        str(run.folder),
        _check_identified(records, run.folder / RECORDS),
        counts,
        run.folder / STAGES,
    )


def _from_baseline(path: Path) -> Side:
    records, counts = read_baseline(path)
    if missing := [name for name in (*NEEDED, *AXES) if name not in records]:
        names = ", ".join(missing[:4])
        raise DataError(
            f"{path}: no column {names}; another version wrote it. Save the baseline again."
        )
    return Side(str(path), _check_identified(records, path), counts, None)


def _check_identified(records: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The records, with empty text for absent values of axes.

    Raises DataError if a cell with status ok lacks its seed or metric.
    """
    for name in ("seed", "metric"):
        missing = (records["status"] == "ok") & records[name].isna()
        if missing.any():
            row = int(missing.to_numpy(dtype=bool).argmax())
            raise Place(path, name).refuse(row, "it is empty in a cell with status ok")
    text_axes = [axis for axis in AXES if RECORD[axis].dtype == "string"]
    return records.fillna(dict.fromkeys(text_axes, ""))
