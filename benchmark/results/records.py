"""Collects the facts of finished stages into one record per cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from benchmark.data.languages import metric
from benchmark.data.text import NORMALISER
from benchmark.plan.graph import PlannedCell, PlannedStage
from benchmark.plan.planner import Plan
from benchmark.plan.status import Statuses, representative
from benchmark.results.columns import facts
from benchmark.store.identity import SharedJson
from benchmark.store.stages import StageRecord
from benchmark.system.garbage import no_garbage

OLDER = frozenset({"header_bytes"})
"""Facts that stages of earlier versions may lack."""


def records(plan: Plan, statuses: Statuses) -> list[dict[str, Any]]:
    """One row per cell, in the order of the matrix; see `columns.RECORD`."""
    recorder = _Recorder(plan, statuses)
    with no_garbage():
        return [recorder.record(cell) for cell in plan.cells]


class _Recorder:
    """Makes the records of one plan. What several records share is made once."""

    def __init__(self, plan: Plan, statuses: Statuses) -> None:
        self._plan = plan
        self._statuses = statuses
        self._settings = SharedJson(ensure_ascii=False)
        self._facts: dict[str, dict[str, Any]] = {}
        self._training: dict[str, dict[str, Any]] = {}

    def record(self, planned: PlannedCell) -> dict[str, Any]:
        """The row of a cell."""
        plan, cell, done = self._plan, planned.cell, self._statuses.records
        sharing = plan.speech.sharing(cell.language)
        row: dict[str, Any] = {
            "suite": plan.suite.name,
            "cell": planned.id,
            **cell.labels,
            "seed": cell.seed,
            "draw": cell.draw,
            "tuned": cell.tuned,
            "ceiling": cell.method.member.ceiling,
            "metric": metric(cell.language),
            "normaliser": NORMALISER,
            "when": cell.compression.member.when,
            "shared_speakers": sharing.shared_speaker
            if sharing and sharing.speakers_known
            else None,
            "shared_texts": sharing.shared_text if sharing else None,
            "synthetic": plan.suite.data.source.member.synthetic,
            "params": self._settings.text(planned.settings),
        }
        if planned.blocked:
            return {**row, "status": planned.status, "error": planned.blocked}
        lineage = plan.graph.lineage([planned.stages["score"], planned.stages["time"]])
        row |= _outcome(lineage, done)
        row["quality_key"] = planned.stages["evaluate"]
        row["cost_key"] = planned.stages["time"]
        row["lineage"] = _lineage(lineage, done)
        row |= self._spent(planned.stages["adapt"])
        if compressed := _ok(done, planned.stages["compress"]):
            row |= self._found_out(compressed)
            row["compress_seconds"] = compressed.seconds
            row["compress_gradients"] = compressed.facts.get("gradients_spent", 0)
            if "gradients_spent" in row:
                row["gradients_spent"] += row["compress_gradients"]
            row["size_ratio"] = _size_ratio(
                plan, planned, compressed.facts["size_bytes"], self._statuses
            )
        if evaluated := _ok(done, planned.stages["evaluate"]):
            row["evaluate_seconds"] = evaluated.seconds
            row["evaluate_stack"] = evaluated.facts.get("stack", 1)
            row |= self._found_out(evaluated)
            row["device"] = evaluated.device
            row["created"] = evaluated.created
        for kind in ("score", "score_curve", "time"):
            if ended := _ok(done, planned.stages.get(kind, "")):
                row |= self._found_out(ended)
        return row

    def _found_out(self, record: StageRecord) -> dict[str, Any]:
        """What a stage found out, for all cells that rest on it."""
        if record.key not in self._facts:
            self._facts[record.key] = _facts(record)
        return self._facts[record.key]

    def _spent(self, adapt: str) -> dict[str, Any]:
        """What learning cost, for all cells that rest on an `adapt` stage."""
        if adapt not in self._training:
            self._training[adapt] = _training(
                self._plan.graph.lineage([adapt]), self._statuses.records
            )
        return self._training[adapt]


def _facts(record: StageRecord) -> dict[str, Any]:
    """What stands in a row as the stage found it."""
    row = {}
    for column in facts(record.kind):
        name = column.name
        value = record.facts.get(name) if name in OLDER else record.facts[name]
        row[name] = value if column.json is None else json.dumps(value)
    return row


def _ok(done: Mapping[str, StageRecord], key: str) -> StageRecord | None:
    """The record of a stage that succeeded, otherwise None."""
    record = done.get(key)
    return record if record and record.status == "ok" else None


def _outcome(lineage: list[PlannedStage], done: Mapping[str, StageRecord]) -> dict[str, Any]:
    """The status of a cell, which is that of its first failed stage, and the error."""
    for stage in lineage:
        record = done.get(stage.key)
        if record and record.status != "ok":
            return {"status": record.status, "error": f"{stage.kind}: {record.error}"}
    ends = [stage for stage in lineage if stage.kind in ("score", "time")]
    if unfinished := [stage.kind for stage in ends if stage.key not in done]:
        return {"status": "blocked", "error": f"{unfinished[0]} has not run"}
    return {"status": "ok", "error": None}


def _lineage(lineage: list[PlannedStage], done: Mapping[str, StageRecord]) -> str:
    """The stages that the hypotheses depend on, in order, for comparison by `reproduce`."""
    return json.dumps(
        [
            {"kind": stage.kind, "key": stage.key, "content": record.content if record else None}
            for stage in lineage
            if stage.kind in ("meta_train", "compress_start", "adapt", "compress", "evaluate")
            for record in [_ok(done, stage.key)]
        ]
    )


def _training(lineage: list[PlannedStage], done: Mapping[str, StageRecord]) -> dict[str, Any]:
    """The costs of meta-training, including its warm start, and of adaptation."""
    stages: dict[str, list[StageRecord]] = {"meta_train": [], "adapt": []}
    for stage in lineage:
        if stage.kind in stages and (record := _ok(done, stage.key)):
            stages[stage.kind].append(record)
    if not stages["adapt"]:
        return {}
    row: dict[str, Any] = {"gradients_spent": 0}
    for kind, records in stages.items():
        spent = sum(record.facts["gradients_spent"] for record in records)
        row["gradients_spent"] += spent
        row[f"{kind}_gradients"] = spent
        row[f"{kind}_seconds"] = sum(record.seconds for record in records)
        row[f"{kind}_flops"] = _combine(sum, records, "flops")
        row[f"{kind}_peak_memory_bytes"] = _combine(max, records, "peak_memory_bytes")
        row[f"{kind}_stack"] = max((r.facts.get("stack", 1) for r in records), default=0)
        row[f"{kind}_speech_seconds"] = _speech(records)
    for name in ("optimizer_state_bytes", "optimizer_step_seconds"):
        row[name] = stages["adapt"][0].facts.get(name)
    return row


def _speech(records: list[StageRecord]) -> float | None:
    """Seconds of speech that stages learned from; None if an older one does not say."""
    if any("utterance_seconds" not in record.facts for record in records):
        return None
    return float(sum(r.facts["utterance_seconds"] * r.facts["gradients_spent"] for r in records))


def _combine(
    operation: Callable[[list[int]], int], records: list[StageRecord], fact: str
) -> int | None:
    """Combine a fact of several stages: 0 without stages, None if one of them lacks the fact."""
    values = [record.facts.get(fact) for record in records]
    present = [value for value in values if value is not None]
    return operation(present or [0]) if len(present) == len(values) else None


def _size_ratio(plan: Plan, planned: PlannedCell, size: int, statuses: Statuses) -> float | None:
    """The size of the artefact relative to the uncompressed artefact of the same structure."""
    candidate = representative(plan, statuses, planned.stages["time"])
    reference = _ok(statuses.records, candidate.reference) if candidate else None
    return size / reference.facts["size_bytes"] if reference else None
