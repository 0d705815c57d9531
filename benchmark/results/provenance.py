"""The provenance of results: versions, code, machine, data, suite, command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import benchmark
from benchmark.plan.planner import Plan
from benchmark.plan.stages import KINDS
from benchmark.plan.status import Statuses
from benchmark.store.stages import StageRecord
from benchmark.system.revision import revision
from benchmark.system.streams import visible

PACKAGES = (
    "babel",
    "espeakng-loader",
    "huggingface_hub",
    "jiwer",
    "num2words",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "openvino",
    "optuna",
    "pandas",
    "pyarrow",
    "safetensors",
    "soundfile",
    "torch",
    "torchaudio",
)


def provenance(
    plan: Plan, after: Statuses, before: Statuses, command: Sequence[str]
) -> dict[str, Any]:
    """Everything that is needed to judge and repeat a run, as JSON values.

    `before` and `after` are the statuses at the start and at the end of the run.
    """
    timings = [r for r in after.records.values() if r.kind == "time" and r.status == "ok"]
    checkout = revision()
    return {
        "suite_text": plan.suite.text,
        "suite_path": visible(str(plan.suite.path)),
        "command": list(command),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": checkout._asdict() if checkout else None,
        "versions": {"benchmark": benchmark.__version__, **_versions()},
        "hardware": plan.hardware,
        "corpora": _corpora(plan),
        "unfit": unfit_utterances(after.records.values()),
        "disjoint": {n: sorted(plan.suite.data.must_differ(n)) for n in plan.suite.data.test},
        "timing_protocol": timings[0].facts["protocol"] if timings else None,
        "timing_noise": {r.key: [r.facts["noise_low"], r.facts["noise_high"]] for r in timings},
        "timing_invalid": {r.key: why for r in timings if (why := r.facts["timing_invalid"])},
        "excluded": [
            {"where": {k: list(v) for k, v in e.where.items()}, "reason": e.reason, "cells": n}
            for e, n in plan.matrix.excluded
        ],
        "stages": _stages(plan, after, before),
        "seconds_total": sum(record.seconds for record in after.records.values()),
    }


def _versions() -> dict[str, str]:
    """The installed version of each package, or `absent`."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "absent"
    return versions


def _corpora(plan: Plan) -> list[dict[str, Any]]:
    roles = {
        **dict.fromkeys(plan.suite.data.train, "train"),
        **dict.fromkeys(plan.suite.data.validation, "validation"),
        **dict.fromkeys(plan.suite.data.test, "test"),
    }
    return [
        {
            "language": name,
            "role": roles[name],
            "source": plan.suite.data.source.label,
            "synthetic": plan.suite.data.source.member.synthetic,
            "blocked": language.blocked,
            **(language.prepared.summary if language.prepared else {}),
        }
        for name, language in plan.speech.languages.items()
    ]


def unfit_utterances(records: Iterable[StageRecord]) -> list[dict[str, Any]]:
    """The number of utterances whose texts were longer than the frames of a model.

    Models did not learn from these utterances. The number is the largest of any stage, by model and
    language.
    """
    largest: dict[tuple[str, str], tuple[int, int]] = {}
    for record in records:
        for language, (left_out, total) in record.facts.get("unfit", {}).items():
            place = (record.identity["model"]["name"], language)
            largest[place] = max(largest.get(place, (0, 0)), (left_out, total))
    return [
        {"model": model, "language": language, "left_out": left_out, "of": total}
        for (model, language), (left_out, total) in sorted(largest.items())
    ]


def _stages(plan: Plan, after: Statuses, before: Statuses) -> dict[str, dict[str, int]]:
    """How many stages of each kind were cached, run, or failed."""
    counts: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        keys = [stage.key for stage in plan.graph.of_kind(kind)]
        if not keys:
            continue
        states = Counter(after.states[key] for key in keys)
        cached = sum(before.states[key] == "cached" for key in keys)
        counts[kind] = {
            "total": len(keys),
            "cached": cached,
            "run": states["cached"] + states["failed"] - cached,
            "failed": states["failed"],
        }
    return counts
