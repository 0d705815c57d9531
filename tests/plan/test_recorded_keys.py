"""Keys are those of results that are stored already.

`recorded_keys.json` holds them. They may change only together with the version of a kind of stage
or of a member.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from made_up_speech import pin, plan_of

from benchmark.plan.planner import Plan
from benchmark.plan.stages import stage_of
from benchmark.store.identity import key
from benchmark.store.stages import StageRecord, StageStore

RECORDED = Path(__file__).with_name("recorded_keys.json")

BASE = """\
name: recorded
data:
  source: {name: synthetic, train: 40, test: 10}
  train: [de, en]
  validation: [cs]
  test: [nl, pt]
  shots: [8, 1min]
models: [{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}]
methods: [scratch, joint, maml, {name: reptile, batch_size: [4, 8]}]
optimizers: [sgd, adamw]
compressions: [none, int8, prune50+int8]
seeds: [0, 1]
budget: {meta_train: 6000, adapt: 1000}
"""

SUITES = {
    "plain": "draws: [0, 1]",
    "curve": "curve: [0, 10]",
    "pace": "budget: {meta_train: 6000, adapt: 1000, equal: seconds}",
    "runtimes": "runtimes: [torch, onnxruntime, torch_compiled]",
    "when": """\
compressions: [none, int4@during, prune50@before, 'prune50+refit+int8',
  {chain: [int3], only: 'blocks.0.*'}, 'prune50+int8@before']
runtimes: [torch, onnxruntime]
seeds: [0]
curve: [5]""",
    "heads": """\
heads: [union, fresh, fresh_mean, fresh_dealt, bytes]
methods: [scratch, joint, maml, anil, monolingual]
seeds: [0]
models: [conv_ctc, keyword_cnn]""",
    "tuned": "tune: {trials: 4, axes: [methods, optimizers]}\nmethods: [joint, maml]",
    "settings": """\
precision: bf16
augmentation: {speed: 0.1, noise_snr_db: 10}
features: {mels: 40}
outer: [adamw, {name: sgd, lr: 0.01}]
timing: {runs: 21, seconds: [1, 2]}
exclude: [{method: joint, optimizer: sgd, reason: to see one}]""",
}


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    pin(monkeypatch)


def suite_file(folder: Path, changes: str) -> Path:
    """The base suite with some of its lines replaced."""
    changed = {line.partition(":")[0] for line in changes.splitlines()}
    kept = [line for line in BASE.splitlines() if line.partition(":")[0] not in changed]
    path = folder / "recorded.yaml"
    path.write_text("\n".join([*kept, changes, ""]))
    return path


def summary(plan: Plan) -> dict[str, Any]:
    """How many stages of each kind there are, and digests of keys, graph and cells."""
    keys = defaultdict(list)
    for stage in plan.graph.stages.values():
        keys[stage.kind].append(stage.key)
    cells = [f"{cell.id} {sorted(cell.stages.items())} {bool(cell.blocked)}" for cell in plan.cells]
    return {
        **{kind: [len(found), digest(sorted(found))] for kind, found in sorted(keys.items())},
        "cells": [len(cells), digest(cells)],
        "graph": digest(
            f"{stage.key} {stage.needs} {stage.languages} {stage.work} {stage.label}"
            for stage in plan.graph.stages.values()
        ),
        "candidates": digest(f"{key} {list(map(tuple, c))}" for key, c in plan.candidates.items()),
    }


def digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def summaries(name: str, folder: Path) -> dict[str, Any]:
    """Of a suite before and after its languages are prepared, and after its paces are measured."""
    path = suite_file(folder, SUITES[name])
    store = StageStore(folder / "stages")
    found = {"unprepared": summary(plan_of(path, prepared=False))}
    plan = plan_of(path, store)
    found["prepared"] = summary(plan)
    for stage in plan.graph.of_kind("pace"):
        with store.writing(stage.key) as draft:
            record = StageRecord("pace", stage.key, stage.identity, facts={"ratio": 1.7})
            store.put(draft, record)
        found["paced"] = {}
    if "paced" in found:
        found["paced"] = summary(plan_of(path, store))
    return found


@pytest.mark.parametrize("name", SUITES)
def test_the_keys_of_stored_results_stay_valid(name: str, tmp_path: Path) -> None:
    assert summaries(name, tmp_path) == json.loads(RECORDED.read_text())[name]


@pytest.mark.parametrize("name", SUITES)
def test_a_worker_parses_what_the_planner_built(name: str, tmp_path: Path) -> None:
    for planned in plan_of(suite_file(tmp_path, SUITES[name])).graph.stages.values():
        parsed = stage_of(planned.identity)
        assert type(parsed) is type(planned.stage)
        assert parsed.to_json() == planned.identity
        assert key(planned.identity) == planned.key


def test_an_identity_that_is_no_stage_of_this_version_is_refused(tmp_path: Path) -> None:
    plan = plan_of(suite_file(tmp_path, SUITES["plain"]))
    (score, *_) = plan.graph.of_kind("score")
    identity = score.identity
    for change in ({"kind": "dream"}, {"version": 99}, {"mood": 1}, {"interval": {"mood": 1}}):
        with pytest.raises(ValueError, match=r"dream|99|mood"):
            stage_of({**identity, **change})
    del identity["metric"]
    with pytest.raises(ValueError, match="metric"):
        stage_of(identity)
