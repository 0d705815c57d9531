"""Keys change with everything that can change a hypothesis, and with nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.registry import COMPRESSIONS
from benchmark.store.identity import NOT_IDENTITY, SharedJson, differences, key
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix
from benchmark.suite.schema import Suite


def plan_of(path: Path, *assignments: str) -> Plan:
    suite = load(path, assignments)
    return make_plan(suite, matrix(suite), Speech.of(suite.data), "cpu")


def quality_keys(plan: Plan) -> set[str]:
    return {stage.key for stage in plan.graph.stages.values() if stage.kind != "time"}


CHANGES = {
    "data": "data.shots=[6]",
    "models": "models.0.channels=24",
    "methods": "methods.1={name: joint, batch_size: 4}",
    "optimizers": "optimizers.0={name: sgd, lr: 0.01}",
    "outer": "outer={name: adamw, lr: 0.01}",
    "compressions": "compressions=[none, int4]",
    "seeds": "seeds=[1]",
    "draws": "draws=[1]",
    "heads": "heads=[fresh]",
    "budget": "budget.adapt=24",
    "features": "features={mels: 32}",
    "augmentation": "augmentation={shift_ms: 10}",
    "precision": "precision=bf16",
    "runtimes": "runtimes=[torch_compiled]",
    "curve": "curve=[0, 10]",
}


@pytest.mark.parametrize("setting", CHANGES)
def test_a_setting_that_can_change_a_hypothesis_changes_keys(
    suite_file: Path, setting: str
) -> None:
    assert quality_keys(plan_of(suite_file)) != quality_keys(plan_of(suite_file, CHANGES[setting]))


@pytest.mark.parametrize("change", ["name=other", "stage_seconds=9", "timing.runs=140"])
def test_a_setting_that_cannot_leaves_them_as_they_are(suite_file: Path, change: str) -> None:
    assert quality_keys(plan_of(suite_file)) == quality_keys(plan_of(suite_file, change))


def test_every_setting_of_a_suite_is_in_a_key_or_named_as_left_out() -> None:
    settings = {field.name for field in fields(Suite)}
    # `timing` enters cost keys; the text, the exclusions and `tune`, whose settings are in keys,
    # choose cells; `check` judges them.
    elsewhere = {"timing", "text", "exclude", "check", "tune"}
    assert settings == CHANGES.keys() | (settings & NOT_IDENTITY) | elsewhere


def test_timing_settings_change_the_cost_key(suite_file: Path) -> None:
    def times(plan: Plan) -> set[str]:
        return {stage.key for stage in plan.graph.of_kind("time")}

    assert times(plan_of(suite_file)) != times(plan_of(suite_file, "timing.runs=140"))


def test_the_same_suite_has_the_same_keys_in_another_process(suite_file: Path) -> None:
    script = (
        "import json, sys\nfrom pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\nfrom test_identity import plan_of, quality_keys\n"
        "print(json.dumps(sorted(quality_keys(plan_of(Path(sys.argv[1]))))))"
    )
    arguments = [sys.executable, "-c", script, str(suite_file), str(Path(__file__).parent)]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == sorted(quality_keys(plan_of(suite_file)))


def test_differences_name_the_field_and_both_values() -> None:
    stored = {"budget": 1, "method": {"settings": {"lr": 0.1}}, "chain": [{"name": "int8"}]}
    wanted = {"budget": 2, "method": {"settings": {"lr": 0.1}}, "chain": [{"name": "int4"}]}
    assert differences(wanted, stored) == ["budget: 1 -> 2", "chain[0].name: int8 -> int4"]


def test_key_order_does_not_matter_and_values_do() -> None:
    assert key({"a": 1, "b": [1, 2]}) == key({"b": [1, 2], "a": 1})
    assert key({"a": 1}) != key({"a": 1.5})
    with pytest.raises(ValueError, match="JSON"):
        key({"a": float("nan")})


def test_settings_that_came_later_leave_stored_results_their_keys() -> None:
    """At their defaults they are not in an identity; these are the identities of before."""
    before = {
        "int4": {"bits": 4, "granularity": "channel"},
        "prune50": {"percent": 50.0, "threshold": None},
        "clip": {"low": -1.0, "high": 1.0},
    }
    for name, settings in before.items():
        member = COMPRESSIONS.make(name)
        assert COMPRESSIONS.identity(name, member) == {
            "name": name,
            "version": 1,
            "settings": settings,
        }
    later = COMPRESSIONS.make("int4", {"symmetric": False})
    stored = COMPRESSIONS.identity("int4", later)["settings"]
    assert stored == {**before["int4"], "symmetric": False}
    assert COMPRESSIONS.make("int4", stored) == later


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_shared_text_is_that_of_json_the_second_time_too(ensure_ascii: bool) -> None:
    shared = {"ŋ": ["né", 1.5, {"b": True, "a": None}], "empty": {}}
    value = {"z": shared, "a": "ɲ\u2028\n", "n": 3, "none": None, "yes": True, "real": 1e-7}
    writer = SharedJson(ensure_ascii)
    for number in range(3):
        value = {**value, "n": number}
        expected = json.dumps(value, sort_keys=True, ensure_ascii=ensure_ascii)
        assert writer.text(value) == expected
