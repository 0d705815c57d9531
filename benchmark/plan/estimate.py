"""How long stages will take and how much they will store, from those that finished before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

from benchmark.plan.graph import PlannedStage
from benchmark.store.stages import StageRecord

AXES = ("model", "method", "optimizer")
"""Members that the seconds of a stage depend on."""

Group = tuple[str, ...]
"""A kind of stage and the names of members that stages of it have in common."""

Sizes = Mapping[str, int | None]
"""About how many weights a model has, by `model_key`; None is not known."""


class Estimator:
    """Predicts seconds from finished stages of the same kind and setting."""

    def __init__(self, records: Iterable[StageRecord] = ()) -> None:
        self._seconds: dict[Group, list[float]] = defaultdict(list)
        self._medians: dict[Group, float] = {}
        self._kinds: set[str] = set()
        for record in records:
            if record.status == "ok":
                self.learn(record)

    def learn(self, record: StageRecord) -> None:
        """Take a finished stage into account."""
        identity = record.identity
        work = identity.get("gradients", 1) or 1
        names = [_name(identity.get(axis)) for axis in AXES]
        self._kinds.add(record.kind)
        for group in _groups(record.kind, *names):
            self._seconds[group].append(record.seconds / work)
            self._medians.pop(group, None)

    def seconds(self, planned: PlannedStage) -> float:
        """Expected seconds of a stage on one worker."""
        stage = planned.stage
        if stage.kind in self._kinds:
            names = [_name(getattr(stage, axis, None)) for axis in AXES]
            for group in _groups(stage.kind, *names):
                if group in self._seconds:
                    return self._median(group) * (getattr(stage, "gradients", 1) or 1)
        return stage.first_seconds + stage.seconds_per_utterance * planned.work

    @property
    def measured(self) -> bool:
        """Whether anything but first guesses stands behind the predictions."""
        return bool(self._seconds)

    def _median(self, group: Group) -> float:
        if group not in self._medians:
            self._medians[group] = median(self._seconds[group])
        return self._medians[group]


class Stored(NamedTuple):
    """Bytes that stages will add to a results folder, as far as that is known.

    `unknown` names the models whose files are not counted, since their size is not known.
    """

    num_bytes: float
    unknown: tuple[str, ...]


def stored_bytes(planned: Iterable[PlannedStage], sizes: Sizes) -> Stored:
    """A rough estimate, from the number of weights of each model."""
    keys: dict[int, str] = {}
    total, unknown = 0.0, []
    for stage in (each.stage for each in planned):
        total += stage.bytes_of_text
        if stage.bytes_per_weight:
            model = getattr(stage, "model", None)
            if id(model) not in keys:
                keys[id(model)] = model_key(model)
            weights = sizes.get(keys[id(model)])
            total += stage.bytes_per_weight * (weights or 0)
            if weights is None:
                unknown.append(_name(model))
    return Stored(total, tuple(dict.fromkeys(unknown)))


def model_key(identity: object) -> str:
    """What stands for the model of a stage in `Sizes`."""
    return json.dumps(identity, sort_keys=True)


def _groups(kind: str, model: str, method: str, optimizer: str) -> tuple[Group, ...]:
    """Settings that stages are alike in, the closest likeness first."""
    return (kind, model, method, optimizer), (kind, model, method), (kind, model)


def _name(member: object) -> str:
    return str(member.get("name")) if isinstance(member, dict) else ""
