"""Why stages must run: how they differ from the nearest ones that are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from benchmark.plan.graph import PlannedStage
from benchmark.store.identity import differences, leaves
from benchmark.store.stages import StageRecord

PARENTS = frozenset({"start", "adapted", "artefact", "hypotheses"})
"""Identity fields that hold the key of a stage before; a difference there began there."""

Identity = dict[str, Any]


def explain(stages: Iterable[PlannedStage], records: Iterable[StageRecord]) -> dict[str, list[str]]:
    """Per kind, how stages that must run differ from the nearest finished one.

    Differences that follow from a stage before are left out.
    """
    stored: dict[str, list[Identity]] = defaultdict(list)
    for record in records:
        stored[record.kind].append(record.identity)
    wanted: dict[str, list[Identity]] = defaultdict(list)
    for planned in stages:
        if planned.kind in stored:
            wanted[planned.kind].append(planned.identity)
    reasons = {kind: _reasons(missing, stored[kind]) for kind, missing in wanted.items()}
    return {kind: told for kind, told in reasons.items() if told}


def _reasons(wanted: Sequence[Identity], stored: Sequence[Identity]) -> list[str]:
    """Each difference once, in the order of `wanted`."""
    codes = _codes([*wanted, *stored])
    missing, there = codes[: len(wanted)], codes[len(wanted) :]
    _, firsts = np.unique(missing, axis=0, return_index=True)
    reasons: dict[str, None] = {}
    for i in sorted(firsts):
        nearest = int((there != missing[i]).sum(axis=1).argmin())
        for difference in differences(wanted[i], stored[nearest]):
            if difference.partition(":")[0] not in PARENTS:
                reasons[difference] = None
    return list(reasons)


def _codes(identities: Sequence[Identity]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """A row for each identity, a column for each field: numbers that are equal for equal values."""
    rows = [dict(leaves(identity)) for identity in identities]
    columns = sorted({name for row in rows for name in row} - PARENTS)
    known: list[dict[Any, int]] = [{} for _ in columns]
    codes = np.empty((len(rows), len(columns)), np.int32)
    for i, row in enumerate(rows):
        for j, name in enumerate(columns):
            value = row.get(name)
            value = repr(value) if isinstance(value, list | dict) else value
            codes[i, j] = known[j].setdefault(value, len(known[j]))
    return codes
