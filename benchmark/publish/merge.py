"""Merges several results folders into one board and refuses results that are not comparable."""

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
"""Axes whose labels each stand for a member with settings."""

AXES_WITH_SETTINGS = (*LABELS, "runtime")
NAMED = (*LABELS, "language", "shots", "head", "runtime")
"""Axes whose values must agree between a row and its settings."""

CELL_KEYS = frozenset(
    {*LABELS, "language", "shots", "seed", "draw", "head", "runtime", "settings", "pace"}
)
"""Keys of `params` that may differ between the cells of a board; all other keys are common."""

PUBLISHED = ("suite", "params", "lineage")
"""Columns of a record that only publishing requires."""


@dataclass(frozen=True)
class Merged:
    """The cells of all folders and their common settings.

    records   as `results.load` completes them, with `source`, the index of the cell's folder
    common    the settings in `params` other than axes; the same for every cell
    members   axis -> label -> settings of the member that the label stands for
    disjoint  language -> what its support and test sets do not share (speakers, texts)
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
        """The names of the suites of all cells."""
        return ", ".join(dict.fromkeys(map(str, self.records["suite"])))


def merge(paths: Sequence[Path]) -> Merged:
    """Read and merge results folders.

    A cell that two folders hold counts once; both must have the same result for it.

    Raises DataError if a folder is empty, incomplete or from a version that recorded too little, or
    if folders differ in anything that makes error rates incomparable: budget, data, features,
    precision, normaliser, metric, the audio of a language, or the meaning of a label.
    """
    folders = tuple(_check_complete(load(path)) for path in paths)
    _check_corpora(folders)
    tables = [folder.records.assign(source=index) for index, folder in enumerate(folders)]
    records = _without_repeats(pd.concat(tables, ignore_index=True), folders)
    return _settings(records, folders)


def _check_complete(folder: Results) -> Results:
    """The folder itself. Raises DataError if it lacks anything that is published."""
    if folder.records.empty:
        raise DataError(f"{folder.folder}: no cells; run the suite first")
    for name in (UTTERANCES, PROVENANCE):
        if not (folder.folder / name).exists():
            raise DataError(
                f"{folder.folder}: no {name}; results are published with their utterances and"
                " provenance. Run the suite again; it keeps finished stages."
            )
    if not folder.provenance.get("corpora"):
        raise DataError(f"{folder.folder / PROVENANCE} names no corpora; run the suite again")
    folder.run.require(PUBLISHED)
    check_json(folder.records["lineage"], LINEAGE, Place(folder.folder / RECORDS, "lineage"))
    return folder


def _check_corpora(folders: Sequence[Results]) -> None:
    """Raise DataError if two folders hold different speech for a language."""
    first: dict[str, tuple[Path, Any]] = {}
    for folder in folders:
        for corpus in folder.provenance["corpora"]:
            language, digest = corpus.get("language"), corpus.get("digest")
            place, expected = first.setdefault(language, (folder.folder, digest))
            if digest and expected and digest != expected:
                raise DataError(
                    f"{folder.folder} and {place} hold different speech for {language!r}:"
                    f" digests {str(digest)[:12]} and {str(expected)[:12]}.\n"
                    "Rates on different test sets are not comparable; publish them separately."
                )


def _without_repeats(records: pd.DataFrame, folders: Sequence[Results]) -> pd.DataFrame:
    """Each cell once. A result takes precedence over a failure, then the first folder counts."""
    repeated = records[records["cell"].duplicated(keep=False) & (records["status"] == "ok")]
    for cell, rows in repeated.groupby("cell", sort=False):
        for name in ("quality_key", "n_errors", "n_words"):
            if rows[name].nunique() > 1:
                values = " and ".join(map(str, rows[name].unique()))
                places = " and ".join(str(folders[i].folder) for i in rows["source"])
                raise DataError(
                    f"{places} have different results for cell {cell}: {name} {values}.\n"
                    "Publish one of them; `reproduce` shows which result is reproducible."
                )
    order = records.assign(lost=records["status"] != "ok").sort_values("lost", kind="stable").index
    kept = records.loc[order].drop_duplicates("cell").index
    return records.loc[sorted(kept)].reset_index(drop=True)


def _settings(records: pd.DataFrame, folders: tuple[Results, ...]) -> Merged:
    """Split the settings of all cells into common settings and settings of members."""
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
        data = own["data"] = dict(own["data"])
        _check_same(disjoint, params["language"], data.pop("disjoint"), where)
        if common is None:
            common = _check_printable(own, where)
        elif own != common:
            _refuse(where, common, own)
        for axis in params["settings"]:
            _check_same(members[axis], params[axis], _member(params, axis), where)
        if tuned:
            settings = {axis: params["settings"][axis] for axis in tuned["from"]}
            _check_same(chosen, _study(params), settings, where)
            search = {name: value for name, value in tuned.items() if name != "from"}
            _check_same(protocol, "tuned", search, where)
    assert common is not None, "a folder without cells was refused"
    _check_metrics(records)
    members = _check_printable(members, str(folders[0].folder))
    return Merged(folders, records, common, members, disjoint)


def _parsed(text: str, names: Sequence[str], where: str) -> dict[str, Any]:
    """The settings of a cell. Raises DataError if they contradict `names`, its values on NAMED."""
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
            f"{where}: its settings (params) are not valid: {error}; run the suite again"
        ) from None
    for name, value in zip(NAMED, names, strict=True):
        if params[name] != value:
            raise DataError(
                f"{where}: {name} is {shown(value)} in its row and {shown(params[name])} in its"
                " settings (params)"
            )
    return params


def _check_printable(value: dict[str, Any], where: str) -> dict[str, Any]:
    """The value itself. Raises DataError if a page cannot show it."""
    try:
        printable(value)
    except ValueError as error:
        raise DataError(f"{where}: its settings (params) cannot be shown: {error}") from None
    return value


def _member(params: dict[str, Any], axis: str) -> Any:
    """The member that a label stands for, without settings if tuning chose them per combination."""
    member = params["settings"][axis]
    if axis in params.get("tuned", {}).get("from", {}):
        return {name: value for name, value in member.items() if name != "settings"}
    return member


def _study(params: dict[str, Any]) -> str:
    """The tuning study of a cell. All cells of a study share its chosen settings."""
    return ", ".join(str(params[axis]) for axis in STUDY_AXES)


def _check_same(expected: dict[str, Any], name: str, value: Any, where: str) -> None:
    """Raise DataError if an earlier cell gave `name` another value."""
    if expected.setdefault(name, value) != value:
        _refuse(where, {name: expected[name]}, {name: value})


def _refuse(where: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    changes = "; ".join(differences(theirs, ours)[:3])
    raise DataError(
        f"{where} is not comparable with the cells before it: {changes}.\n"
        "The cells of a board may only differ in their axes; publish these separately."
    )


def _check_metrics(records: pd.DataFrame) -> None:
    """Raise DataError if a language is scored by different metrics."""
    metrics = records.groupby("language")["metric"].nunique()
    for language in metrics[metrics > 1].index:
        raise DataError(f"{language} is scored by WER in one folder and by CER in another")
