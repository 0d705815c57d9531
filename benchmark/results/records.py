"""From finished stages to one record per cell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmark.data.languages import metric
from benchmark.data.text import NORMALISER
from benchmark.plan.graph import PlannedCell, Stage
from benchmark.plan.planner import Plan
from benchmark.plan.status import Statuses, representative
from benchmark.results.store import StageRecord

SCORED = (
    "wer",
    "wer_low",
    "wer_high",
    "cer",
    "cer_low",
    "cer_high",
    "n_utterances",
    "n_words",
    "n_errors",
    "n_characters",
    "n_character_errors",
    "deletion_rate",
)
SIZED = (
    "size_bytes",
    "header_bytes",
    "parameters",
    "nonzero_parameters",
)
TIMED = (
    "latency_p50_ms",
    "latency_p95_ms",
    "latency_ratio",
    "latency_ratio_low",
    "latency_ratio_high",
    "rtfx",
    "peak_memory_bytes",
)


def records(plan: Plan, found: Statuses) -> list[dict[str, Any]]:
    """One row per cell, in the order of the matrix; see `tables.COLUMNS`."""
    return [_record(plan, cell, found) for cell in plan.cells]


def _record(plan: Plan, planned: PlannedCell, found: Statuses) -> dict[str, Any]:
    cell, done = planned.cell, found.records
    sharing = plan.speech.sharing(cell.language)
    row: dict[str, Any] = {
        "suite": plan.suite.name,
        "cell": planned.id,
        **cell.labels,
        "seed": cell.seed,
        "draw": cell.draw,
        "tuned": cell.tuned,
        "metric": metric(cell.language),
        "normaliser": NORMALISER,
        "when": cell.compression.member.when,
        "shared_speakers": sharing.shared_speaker if sharing and sharing.speakers_known else None,
        "shared_texts": sharing.shared_text if sharing else None,
        "synthetic": plan.suite.data.source.member.synthetic,
        "params": json.dumps(planned.settings, sort_keys=True, ensure_ascii=False),
    }
    if planned.blocked:
        return {**row, "status": planned.status, "error": planned.blocked}
    lineage = plan.graph.lineage([planned.stages["score"], planned.stages["time"]])
    row |= _outcome(lineage, done)
    row["quality_key"] = planned.stages["evaluate"]
    row["cost_key"] = planned.stages["time"]
    row["lineage"] = _lineage(lineage, done)
    row |= _training(plan, planned, done)
    if compressed := _ok(done, planned.stages["compress"]):
        # Stages that were stored before headers were told apart lack theirs.
        row |= {name: compressed.facts.get(name) for name in SIZED}
        row["compress_seconds"] = compressed.seconds
        row["size_ratio"] = _size_ratio(plan, planned, compressed.facts["size_bytes"], found)
    if evaluated := _ok(done, planned.stages["evaluate"]):
        row["evaluate_seconds"] = evaluated.seconds
        row["blank_fraction"] = evaluated.facts["blank_fraction"]
        row["device"] = evaluated.device
        row["created"] = evaluated.created
    if scored := _ok(done, planned.stages["score"]):
        row |= {name: scored.facts[name] for name in SCORED}
    if timed := _ok(done, planned.stages["time"]):
        row |= {name: timed.facts[name] for name in TIMED}
    return row


def _ok(done: Mapping[str, StageRecord], key: str) -> StageRecord | None:
    record = done.get(key)
    return record if record and record.status == "ok" else None


def _outcome(lineage: list[Stage], done: Mapping[str, StageRecord]) -> dict[str, Any]:
    """The status of a cell: that of the first of its stages that failed."""
    for stage in lineage:
        record = done.get(stage.key)
        if record and record.status != "ok":
            return {"status": record.status, "error": f"{stage.kind}: {record.error}"}
    ends = [stage for stage in lineage if stage.kind in ("score", "time")]
    if unfinished := [stage.kind for stage in ends if stage.key not in done]:
        return {"status": "blocked", "error": f"{unfinished[0]} has not run"}
    return {"status": "ok", "error": None}


def _lineage(lineage: list[Stage], done: Mapping[str, StageRecord]) -> str:
    """The stages that the hypotheses rest on, in order, so that `reproduce` can compare them."""
    return json.dumps(
        [
            {"kind": stage.kind, "key": stage.key, "content": record.content if record else None}
            for stage in lineage
            if stage.kind in ("meta_train", "adapt", "compress", "evaluate")
            for record in [_ok(done, stage.key)]
        ]
    )


def _training(plan: Plan, planned: PlannedCell, done: Mapping[str, StageRecord]) -> dict[str, Any]:
    """What meta-training, its warm start included, and adaptation cost."""
    row: dict[str, Any] = {}
    spent = {"meta_train": 0, "adapt": 0}
    seconds = {"meta_train": 0.0, "adapt": 0.0}
    for stage in plan.graph.lineage([planned.stages["adapt"]]):
        if stage.kind in spent and (record := _ok(done, stage.key)):
            spent[stage.kind] += record.facts["gradients_spent"]
            seconds[stage.kind] += record.seconds
    if adapted := _ok(done, planned.stages["adapt"]):
        for name in ("optimizer_state_bytes", "optimizer_step_seconds"):
            row[name] = adapted.facts.get(name)
        row["gradients_spent"] = sum(spent.values())
        for kind in spent:
            row[f"{kind}_gradients"] = spent[kind]
            row[f"{kind}_seconds"] = seconds[kind]
    return row


def _size_ratio(plan: Plan, planned: PlannedCell, size: int, found: Statuses) -> float | None:
    """Bytes of the file to those of the uncompressed file of the same structure."""
    candidate = representative(plan, found, planned.stages["time"])
    reference = _ok(found.records, candidate.reference) if candidate else None
    return size / reference.facts["size_bytes"] if reference else None
