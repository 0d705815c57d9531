"""Which cells of two sides belong together, and their errors on the utterances they share."""

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
"""Which error rate is judged: the one that counts in a language, or the same for all."""

_COLUMNS = {"wer": ("n_errors", "n_words"), "cer": ("n_character_errors", "n_characters")}


@dataclass(frozen=True)
class Counts:
    """What the seeds of a system made of the same utterances (U,), by one error rate.

    `lengths` (U,) are those of references; `errors` is (seeds, U).
    """

    index: pd.Index
    uids: tuple[str, ...]
    speakers: tuple[str | None, ...]
    lengths: Array
    errors: Array

    def of(self, uids: pd.Index) -> Counts:
        """Those of some of the utterances, in their order."""
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
    """One system in one language on one side: its records, one per seed that has a result.

    `counts` keeps what was counted, by the error rate.
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
    """A system in a language on both sides, over the utterances (U,) that they share.

    `errors_a` (seeds of A, U) and `errors_b` (seeds of B, U); `uids_a` and `uids_b` count what
    only one side has.
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


def listed(names: list[str], most: int = 4) -> str:
    """The first names, each cut, and the number of the others."""
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names[:most]]
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*shown, *more])


def systems(side: Side, ignore: Iterable[str] = ()) -> dict[tuple[str, ...], Runs]:
    """The cells of a side by their axes but the ignored ones, seeds together.

    Raises UserError where an ignored axis has several values in one group.
    """
    axes = [axis for axis in AXES if axis not in set(ignore)]
    by_axes = {}
    for values, group in side.records.groupby(axes, sort=False, dropna=False):
        repeated = group[group["seed"].duplicated()]
        if len(repeated):
            several = [a for a in AXES if group[a].nunique() > 1] or ["cell"]
            names = listed(sorted(map(str, group[several[0]].unique())))
            raise UserError(f"{side.name}: several values of {several[0]} ({names}); select one")
        ok = (group["status"] == "ok") & group["cell"].isin(side.counts.keys())
        runs = Runs(group[ok].sort_values("seed"), group[~ok])
        by_axes[tuple(str(value) for value in values)] = runs
    return by_axes


def different_fields(a: Runs, b: Runs) -> list[str]:
    """The fields that make the same utterances count differently, as `field: A -> B`."""
    fields = []
    for name in ("metric", "normaliser", "corpus"):
        ours, theirs = (sorted(map(str, runs.records[name].dropna().unique())) for runs in (a, b))
        if ours and theirs and ours != theirs:
            fields.append(f"{name}: {', '.join(ours)[:12]} -> {', '.join(theirs)[:12]}")
    return fields


def pair(
    axes: dict[str, str], a: Runs, b: Runs, side_a: Side, side_b: Side, metric: Metric
) -> Pair:
    """Join the utterances of both by uid.

    Raises DataError where none is shared, or where a reference differs in length.
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
    """The counts of all seeds of a system, put together once: each is in many pairs."""
    if rate not in runs.counts:
        runs.counts[rate] = _joined(runs, side, *_COLUMNS[rate])
    return runs.counts[rate]


def _joined(runs: Runs, side: Side, errors: str, length: str) -> Counts:
    tables = [side.counts[str(cell)].set_index("uid") for cell in runs.records["cell"]]
    if any(table.index.has_duplicates for table in tables):
        raise DataError(f"{side.name}: an utterance is there twice")
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
