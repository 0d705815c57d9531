"""Pairs the cells of two sides, and their errors on common utterances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from benchmark.errors import DataError, UserError
from benchmark.evidence.side import AXES, Side
from benchmark.statistics.paired import Array, Stratum

Metric = Literal["own", "wer", "cer"]
"""The error rate to compare: the own metric of each language, or the same one for all."""

_COLUMNS = {"wer": ("n_errors", "n_words"), "cer": ("n_character_errors", "n_characters")}


@dataclass(frozen=True)
class Counts:
    """Errors of the seeds of a system on the same utterances, by one error rate.

    `lengths` (U,) are those of the references; `errors` is (seeds, U).
    """

    index: pd.Index
    uids: tuple[str, ...]
    speakers: tuple[str | None, ...]
    lengths: Array
    errors: Array

    def of(self, uids: pd.Index) -> Counts:
        """The counts of some of the utterances, in the order of `uids`."""
        places = self.index.get_indexer(uids)
        return Counts(
            index=uids,
            uids=tuple(self.uids[place] for place in places),
            speakers=tuple(self.speakers[place] for place in places),
            lengths=self.lengths[places],
            errors=self.errors[:, places],
        )


@dataclass(frozen=True)
class Runs:
    """One system in one language on one side.

    records  one per seed that has a result
    failed   records of the other seeds
    counts   a cache of counts by error rate
    """

    records: pd.DataFrame
    failed: pd.DataFrame
    counts: dict[str, Counts] = field(default_factory=dict, compare=False, repr=False)

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(int(seed) for seed in self.records["seed"])

    @property
    def size_bytes(self) -> float:
        """Bytes of the artefact, mean over seeds."""
        return float(self.records["size_bytes"].astype(float).mean())


@dataclass(frozen=True)
class Pair:
    """A system in a language on both sides, over their common utterances (U,).

    `errors_a` is (seeds of A, U), `errors_b` is (seeds of B, U). `only_a` and `only_b` count the
    utterances that only one side has.
    """

    axes: dict[str, str]
    a: Runs
    b: Runs
    uids: tuple[str, ...]
    speakers: tuple[str | None, ...]
    lengths: Array
    errors_a: Array
    errors_b: Array
    only_a: int
    only_b: int

    @property
    def stratum(self) -> Stratum:
        return Stratum(
            self.errors_a.mean(axis=0), self.errors_b.mean(axis=0), self.lengths, self.speakers
        )

    @property
    def identical(self) -> bool:
        """Whether every seed makes the same number of errors in every utterance."""
        same = self.errors_a.shape == self.errors_b.shape
        return same and bool((self.errors_a == self.errors_b).all())


def abbreviate(names: list[str], most: int = 4) -> str:
    """The first names, each cut to 60 characters, and the number of other names."""
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names[:most]]
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*shown, *more])


def systems(side: Side, ignore: Iterable[str] = ()) -> dict[tuple[str, ...], Runs]:
    """The systems of a side, by the values of all axes except the ignored ones.

    Raises UserError if an ignored axis has several values in one system.
    """
    axes = [axis for axis in AXES if axis not in set(ignore)]
    by_axes = {}
    for values, group in side.records.groupby(axes, sort=False, dropna=False):
        repeated = group[group["seed"].duplicated()]
        if len(repeated):
            several = [a for a in AXES if group[a].nunique() > 1] or ["cell"]
            names = abbreviate(sorted(map(str, group[several[0]].unique())))
            raise UserError(f"{side.name}: several values of {several[0]} ({names}); select one")
        ok = (group["status"] == "ok") & group["cell"].isin(side.counts.keys())
        runs = Runs(group[ok].sort_values("seed"), group[~ok])
        by_axes[tuple(str(value) for value in values)] = runs
    return by_axes


def different_fields(a: Runs, b: Runs) -> list[str]:
    """Fields whose difference makes error counts incomparable, as `field: A -> B`."""
    fields = []
    for name in ("metric", "normaliser", "corpus"):
        ours, theirs = (sorted(map(str, runs.records[name].dropna().unique())) for runs in (a, b))
        if ours and theirs and ours != theirs:
            fields.append(f"{name}: {', '.join(ours)[:12]} -> {', '.join(theirs)[:12]}")
    return fields


def pair(
    axes: dict[str, str], a: Runs, b: Runs, side_a: Side, side_b: Side, metric: Metric
) -> Pair:
    """Join the utterances of both sides by uid.

    Raises DataError if they have none in common, or if a reference differs in length.
    """
    rate = str(a.records["metric"].iloc[0]) if metric == "own" else metric
    all_a, all_b = _counts(a, side_a, rate), _counts(b, side_b, rate)
    ours, theirs = all_a, all_b
    if not all_a.index.equals(all_b.index):
        shared = all_a.index.intersection(all_b.index)
        ours, theirs = all_a.of(shared), all_b.of(shared)
    if not ours.uids:
        raise DataError("no utterance in common")
    changed = int((ours.lengths != theirs.lengths).sum())
    if changed:
        raise DataError(f"reference: {changed} of {len(ours.uids)} utterances differ in length")
    return Pair(
        axes=axes,
        a=a,
        b=b,
        uids=ours.uids,
        speakers=ours.speakers,
        lengths=ours.lengths,
        errors_a=ours.errors,
        errors_b=theirs.errors,
        only_a=len(all_a.uids) - len(ours.uids),
        only_b=len(all_b.uids) - len(theirs.uids),
    )


def _counts(runs: Runs, side: Side, rate: str) -> Counts:
    """The counts of all seeds of a system. They are cached, since a system is in many pairs."""
    if rate not in runs.counts:
        runs.counts[rate] = _stack_seeds(runs, side, *_COLUMNS[rate])
    return runs.counts[rate]


def _stack_seeds(runs: Runs, side: Side, errors: str, length: str) -> Counts:
    tables = [side.counts[str(cell)].set_index("uid") for cell in runs.records["cell"]]
    if any(table.index.has_duplicates for table in tables):
        raise DataError(f"{side.name}: an utterance occurs twice")
    index = tables[0].index
    if any(set(table.index) != set(index) for table in tables):
        raise DataError(f"{side.name}: its seeds were tested on different utterances")
    return Counts(
        index=index,
        uids=tuple(map(str, index)),
        speakers=tuple(None if pd.isna(s) else str(s) for s in tables[0]["speaker"]),
        lengths=tables[0][length].to_numpy(np.float64),
        errors=np.stack([table[errors].reindex(index) for table in tables], dtype=np.float64),
    )
