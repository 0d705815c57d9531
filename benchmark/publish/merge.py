"""Several results folders as one board; what is not comparable is refused, never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.errors import DataError, shown
from benchmark.results.documents import LINEAGE, SETTINGS, loads, printable, valid
from benchmark.results.files import PROVENANCE, RECORDS, UTTERANCES
from benchmark.results.load import Results, load
from benchmark.results.read import check_json
from benchmark.results.values import Place
from benchmark.store.identity import differences
from benchmark.suite.tuning import STUDY_AXES
from benchmark.text.provenance import machine

LABELS = ("model", "method", "outer", "optimizer", "compression")
"""Axes whose labels stand for settings."""

AXES_WITH_SETTINGS = (*LABELS, "runtime")
NAMED = (*LABELS, "language", "shots", "head", "runtime")
"""Axes that a row names as its settings do."""

CELL_KEYS = frozenset(
    {*LABELS, "language", "shots", "seed", "draw", "head", "runtime", "settings", "pace"}
)
"""The part of a cell's `params` that may differ within a board; all else is common to it."""

PUBLISHED = ("suite", "params", "lineage")
"""Columns of a record that a report does without."""


@dataclass(frozen=True)
class Merged:
    """The cells of all folders, and what they have in common.

    records   as `results.load` completes them, with `source`, the index of the folder that a cell
              is from
    common    what `params` holds besides the axes; the same for every cell
    members   axis -> label -> the settings that the label stands for
    disjoint  language -> what its support and test sets do not share
    """

    folders: tuple[Results, ...]
    records: pd.DataFrame
    common: dict[str, Any]
    members: dict[str, dict[str, Any]]
    disjoint: dict[str, list[str]]

    @property
    def machines(self) -> list[str]:
        """The machine of each folder; latencies of different machines are never compared."""
        return [machine(folder.provenance) or "not recorded" for folder in self.folders]

    @property
    def name(self) -> str:
        """The suites that the cells are from."""
        return ", ".join(dict.fromkeys(map(str, self.records["suite"])))


def merge(paths: Sequence[Path]) -> Merged:
    """Read and join results folders.

    Raises DataError when one is empty, half written or of a version that kept too little, and
    when they differ in anything that makes their error rates incomparable: budget, data, features,
    precision, normaliser, metric, the audio of a language, what a label stands for. A cell that
    two folders hold counts once, if both have the same result for it.
    """
    folders = tuple(_complete(load(path)) for path in paths)
    _check_corpora(folders)
    tables = []
    for index, folder in enumerate(folders):
        tables.append(folder.records.assign(source=index))
    records = _without_repeats(pd.concat(tables, ignore_index=True), folders)
    return _settings(records, folders)


def _complete(folder: Results) -> Results:
    """A folder that holds all that is published."""
    if folder.records.empty:
        raise DataError(f"{folder.folder}: no cells; run the suite first")
    for name in (UTTERANCES, PROVENANCE):
        if not (folder.folder / name).exists():
            raise DataError(
                f"{folder.folder}: no {name}; a number is published with its utterances and"
                " provenance. Run the suite again, which keeps what is finished."
            )
    if not folder.provenance.get("corpora"):
        raise DataError(f"{folder.folder / PROVENANCE} names no corpora; run the suite again")
    folder.run.require(PUBLISHED)
    check_json(folder.records["lineage"], LINEAGE, Place(folder.folder / RECORDS, "lineage"))
    return folder


def _check_corpora(folders: Sequence[Results]) -> None:
    """Every language means the same speech in every folder."""
    first: dict[str, tuple[Path, Any]] = {}
    for folder in folders:
        for corpus in folder.provenance["corpora"]:
            language, digest = corpus.get("language"), corpus.get("digest")
            place, known = first.setdefault(language, (folder.folder, digest))
            if digest and known and digest != known:
                raise DataError(
                    f"{folder.folder} and {place} hold different speech for {language!r}:"
                    f" digests {str(digest)[:12]} and {str(known)[:12]}.\n"
                    "Rates on different test sets are not comparable; publish them apart."
                )


def _without_repeats(records: pd.DataFrame, folders: Sequence[Results]) -> pd.DataFrame:
    """Each cell once; a result wins over a failure, then the folder that was named first."""
    repeated = records[records["cell"].duplicated(keep=False) & (records["status"] == "ok")]
    for cell, rows in repeated.groupby("cell", sort=False):
        for name in ("quality_key", "n_errors", "n_words"):
            if rows[name].nunique() > 1:
                values = " and ".join(map(str, rows[name].unique()))
                places = " and ".join(str(folders[i].folder) for i in rows["source"])
                raise DataError(
                    f"{places} have different results for cell {cell}: {name} {values}.\n"
                    "Publish one of them; `reproduce` tells which can be had again."
                )
    order = records.assign(lost=records["status"] != "ok").sort_values("lost", kind="stable").index
    kept = records.loc[order].drop_duplicates("cell").index
    return records.loc[sorted(kept)].reset_index(drop=True)


def _settings(records: pd.DataFrame, folders: tuple[Results, ...]) -> Merged:
    """Split the settings of all cells into what is common and what the labels stand for."""
    common: dict[str, Any] | None = None
    members: dict[str, dict[str, Any]] = {axis: {} for axis in AXES_WITH_SETTINGS}
    disjoint: dict[str, list[str]] = {}
    chosen: dict[str, Any] = {}
    protocol: dict[str, Any] = {}
    columns = (records[name].tolist() for name in ("cell", "source", "params", *NAMED))
    for cell, source, text, *names in zip(*columns, strict=True):
        where = f"{folders[source].folder}, cell {cell}"
        params = _parsed(text, names, where)
        own = {name: value for name, value in params.items() if name not in CELL_KEYS}
        tuned = own.pop("tuned", None)
        apart = own["data"] = dict(own["data"])
        _same(disjoint, params["language"], apart.pop("disjoint"), where)
        if common is None:
            common = _shown(own, where)
        elif own != common:
            _refuse(where, common, own)
        for axis in params["settings"]:
            _same(members[axis], params[axis], _member(params, axis), where)
        if tuned:
            settings = {axis: params["settings"][axis] for axis in tuned["from"]}
            _same(chosen, _combination(params), settings, where)
            _same(protocol, "tuned", {k: v for k, v in tuned.items() if k != "from"}, where)
    assert common is not None, "a folder without cells was refused"
    _one_metric(records)
    members = _shown(members, str(folders[0].folder))
    return Merged(folders, records, common, members, disjoint)


def _parsed(text: str, names: Sequence[str], where: str) -> dict[str, Any]:
    """The settings of a cell whose axes are `names`."""
    try:
        params: dict[str, Any] = valid(SETTINGS, loads(text))
        for name in ("data", "settings"):
            if name not in params:
                raise ValueError(f"{name}: field required")
        for name in (*params["settings"], *params.get("tuned", {"from": ()})["from"]):
            if name not in AXES_WITH_SETTINGS or name not in params["settings"]:
                raise ValueError(f"settings: no axis {shown(name)}")
    except ValueError as error:
        raise DataError(
            f"{where}: its settings (params) are not recorded as they should be:"
            f" {error}; run the suite again"
        ) from None
    for name, value in zip(NAMED, names, strict=True):
        if params[name] != value:
            raise DataError(
                f"{where}: {name} is {shown(value)} in its row and {shown(params[name])} in its"
                " settings (params)"
            )
    return params


def _shown(value: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        printable(value)
    except ValueError as error:
        raise DataError(f"{where}: its settings (params) cannot be shown: {error}") from None
    return value


def _member(params: dict[str, Any], axis: str) -> Any:
    """What a label stands for; the settings of a tuned one are those of its combination."""
    member = params["settings"][axis]
    if axis in params.get("tuned", {}).get("from", {}):
        return {name: value for name, value in member.items() if name != "settings"}
    return member


def _combination(params: dict[str, Any]) -> str:
    """What has one tuned setting: whatever the language, the seed, the draw, the compression."""
    return ", ".join(str(params[axis]) for axis in STUDY_AXES)


def _same(known: dict[str, Any], name: str, value: Any, where: str) -> None:
    if known.setdefault(name, value) != value:
        _refuse(where, {name: known[name]}, {name: value})


def _refuse(where: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    found = "; ".join(differences(theirs, ours)[:3])
    raise DataError(
        f"{where} is not comparable with the cells before it: {found}.\n"
        "A board holds cells that differ in their axes alone; publish these apart."
    )


def _one_metric(records: pd.DataFrame) -> None:
    metrics = records.groupby("language")["metric"].nunique()
    for language in metrics[metrics > 1].index:
        raise DataError(f"{language} is scored by WER in one folder and by CER in another")
