"""Equal seconds: budgets follow measured paces, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.plan.graph import PlannedStage
from benchmark.plan.pace import Pace
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.reproduce.find import PublishedCell
from benchmark.reproduce.rebuild import rebuild
from benchmark.store.stages import StageRecord, StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import Matrix, matrix

SECONDS = "budget={meta_train: 64, adapt: 16, equal: seconds}"


def planned(path: Path, store: StageStore | None, *assignments: str) -> Plan:
    suite = load(path, assignments)
    return make_plan(suite, matrix(suite), Speech.of(suite.data), "cpu", store)


@pytest.fixture
def store(tmp_path: Path) -> StageStore:
    return StageStore(tmp_path / "stages")


def measure(store: StageStore, plan: Plan, ratio: float, **failure: str) -> None:
    for stage in plan.graph.of_kind("pace"):
        facts = {} if failure else {"ratio": ratio}
        record = StageRecord("pace", stage.key, stage.identity, facts=facts, **failure)  # type: ignore[arg-type]
        with store.writing(stage.key) as folder:
            store.put(folder, record)


def gradients(plan: Plan, kind: Any) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for stage in plan.graph.of_kind(kind):
        found.setdefault(_method(stage), set()).add(stage.stage.gradients)
    return found


def _method(planned: PlannedStage) -> str:
    warm = "warm start" in planned.label
    return str(planned.stage.method["name"]) + (" (warm start)" if warm else "")


def test_what_takes_twice_as_long_gets_half_behind_a_start_that_all_share(
    suite_file: Path, store: StageStore
) -> None:
    measure(store, planned(suite_file, store, SECONDS), 2.0)
    plan = planned(suite_file, store, SECONDS)
    assert gradients(plan, "meta_train") == {
        "joint": {64},
        "joint (warm start)": {32},
        "fomaml": {16},
    }
    # Joint training with AdamW is the reference; its SGD was measured.
    assert gradients(plan, "adapt")["joint"] == {16, 8}
    assert gradients(plan, "adapt")["fomaml"] == {8}
    paces = [cell.settings["pace"] for cell in plan.cells]
    assert [1.0, 1.0] in paces and [2.0, 2.0] in paces


def test_until_it_is_measured_a_plan_is_provisional(suite_file: Path, store: StageStore) -> None:
    before = planned(suite_file, store, SECONDS)
    measure(store, before, 1.0)
    after = planned(suite_file, store, SECONDS)
    plain = planned(suite_file, store)
    for kind in ("meta_train", "adapt"):
        keys = [{s.key for s in plan.graph.of_kind(kind)} for plan in (before, after, plain)]
        assert keys[0] != keys[1]
        # Methods that are as fast as the reference learn as they do with equal gradients.
        assert keys[1] == keys[2]


def test_a_pace_is_measured_once_for_all_seeds_draws_and_compressions(suite_file: Path) -> None:
    more = ("seeds=[0, 1, 2]", "draws=[0, 1]", "compressions=[none, int8, int4]")
    one = planned(suite_file, None, SECONDS).graph.of_kind("pace")
    many = planned(suite_file, None, SECONDS, *more).graph.of_kind("pace")
    assert {s.key for s in one} == {s.key for s in many}
    # FOMAML; and adaptation of three methods with two optimizers but for the reference.
    assert len(one) == 1 + 3 * 2 - 1


def test_a_pace_that_could_not_be_measured_blocks_its_cells_alone(
    suite_file: Path, store: StageStore
) -> None:
    plan = planned(suite_file, store, SECONDS)
    measure(store, plan, 1.0, status="unsupported", error="no step fits")
    cells = planned(suite_file, store, SECONDS).cells
    reasons = {
        c.cell.labels["method"]: c.blocked for c in cells if c.cell.labels["optimizer"] == "adamw"
    }
    assert reasons["joint"] is None
    assert all("pace: no step fits" in str(reasons[m]) for m in reasons if m != "joint")
    assert {c.status for c in cells if c.blocked} == {"unsupported"}


def test_the_default_is_equal_gradients_and_measures_nothing(suite_file: Path) -> None:
    plain = planned(suite_file, None)
    named = planned(suite_file, None, "budget={meta_train: 64, adapt: 16, equal: gradients}")
    assert plain.graph.stages.keys() == named.graph.stages.keys()
    assert [c.id for c in plain.cells] == [c.id for c in named.cells]
    assert not plain.graph.of_kind("pace")


def test_gradients_are_whole_and_at_least_one() -> None:
    assert Pace(3.0).gradients(100) == 33
    assert Pace(1000.0).gradients(10) == 1


def test_an_unknown_currency_is_refused(
    suite_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(suite_file), "--set", "budget.equal=flops"]) == 2
    assert "budget.equal" in capsys.readouterr().err


def test_a_cell_is_rebuilt_with_its_paces_and_measures_nothing(
    suite_file: Path, store: StageStore, tiny_corpus: Path
) -> None:
    measure(store, planned(suite_file, store, SECONDS), 2.0)
    cell = next(c for c in planned(suite_file, store, SECONDS).cells if c.settings["pace"][0] > 1)
    published = PublishedCell(
        cell=cell.id,
        params=json.loads(json.dumps(cell.settings)),
        lineage=[],
        hypotheses=None,
        status="ok",
        device="cpu",
        provenance={},
    )
    rebuilt = rebuild(published, tiny_corpus)
    speech = Speech.of(rebuilt.suite.data)
    plan = make_plan(rebuilt.suite, Matrix((rebuilt.cell,), ()), speech, "cpu")
    assert plan.cells[0].id == cell.id
    assert plan.cells[0].stages["adapt"] == cell.stages["adapt"]
    assert not plan.graph.of_kind("pace")
