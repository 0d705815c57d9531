"""How long stages will take and how much they will store, from those that finished before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

from benchmark.plan.graph import Stage
from benchmark.store.stages import StageRecord

FIRST_GUESS = {
    "prepare": (5.0, 0.0),
    "meta_train": (0.5, 0.005),
    "compress_start": (0.05, 0.0),
    "adapt": (0.3, 0.004),
    "compress": (0.05, 0.0),
    "evaluate": (0.1, 0.002),
    "score": (0.1, 0.0),
    "time": (5.0, 0.0),
    "pace": (15.0, 0.0),
    "curve": (0.1, 0.002),
    "score_curve": (0.1, 0.0),
}
"""Seconds per stage and per utterance of its work, before anything was measured: the order of
magnitude of the 0.4 M parameter network on one laptop core."""

WEIGHT_BYTES = {"meta_train": 4.0, "compress_start": 2.5, "adapt": 4.0, "compress": 2.5}
"""Bytes stored per weight of the network; compressed ones in the middle of what chains reach."""

TEXT_BYTES = {"evaluate": 2e4, "score": 2e4}
"""Bytes stored per stage whatever the network."""

Sizes = Mapping[str, int | None]
"""About how many weights a model has, by `model_key`; None is not known."""


class Estimator:
    """Predicts seconds from finished stages of the same kind and setting."""

    def __init__(self, records: Iterable[StageRecord] = ()) -> None:
        self._seconds: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for record in records:
            if record.status == "ok":
                self.learn(record)

    def learn(self, record: StageRecord) -> None:
        """Take a finished stage into account."""
        work = record.identity.get("gradients", 1) or 1
        for group in _groups(record.identity):
            self._seconds[group].append(record.seconds / work)

    def seconds(self, stage: Stage) -> float:
        """Expected seconds of a stage on one worker."""
        work = stage.identity.get("gradients", 1) or 1
        for group in _groups(stage.identity):
            if known := self._seconds.get(group):
                return median(known) * work
        base, per_utterance = FIRST_GUESS[stage.kind]
        return base + per_utterance * stage.work

    @property
    def measured(self) -> bool:
        """Whether anything but first guesses stands behind the predictions."""
        return bool(self._seconds)


class Stored(NamedTuple):
    """Bytes that stages will add to a results folder, as far as that is known.

    `unknown` names the models whose files are not counted, since their size is not known.
    """

    num_bytes: float
    unknown: tuple[str, ...]


def stored_bytes(stages: Iterable[Stage], sizes: Sizes) -> Stored:
    """A rough estimate, from the number of weights of each model."""
    total, unknown = 0.0, []
    for stage in stages:
        total += TEXT_BYTES.get(stage.kind, 0.0)
        if stage.kind in WEIGHT_BYTES:
            weights = sizes.get(model_key(stage.identity.get("model")))
            total += WEIGHT_BYTES[stage.kind] * (weights or 0)
            if weights is None:
                unknown.append(_name(stage.identity.get("model")))
    return Stored(total, tuple(dict.fromkeys(unknown)))


def model_key(identity: object) -> str:
    """What stands for the model of a stage in `Sizes`."""
    return json.dumps(identity, sort_keys=True)


def _groups(identity: dict[str, object]) -> list[tuple[str, ...]]:
    """Settings that stages are alike in, the closest likeness first."""
    kind = str(identity["kind"])
    names = [_name(identity.get(axis)) for axis in ("model", "method", "optimizer")]
    return [(kind, *names[:2], names[2]), (kind, *names[:2]), (kind, names[0])]


def _name(member: object) -> str:
    return str(member.get("name")) if isinstance(member, dict) else ""
