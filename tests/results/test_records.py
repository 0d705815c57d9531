"""Records say of each cell what its own stages found out, though cells share stages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.plan.status import Statuses
from benchmark.results.columns import facts
from benchmark.results.records import records
from benchmark.store.stages import StageRecord
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix


@pytest.fixture
def plan(suite_file: Path) -> Plan:
    suite = load(suite_file, ["compressions=[none, int8, int4]"])
    return make_plan(suite, matrix(suite), Speech.of(suite.data), "cpu")


@pytest.fixture
def finished(plan: Plan) -> Statuses:
    """Every stage found out numbers of its own."""
    found = Statuses()
    for number, (key, stage) in enumerate(plan.graph.stages.items(), 1):
        measured = {column.name: number for column in facts(stage.kind)}
        found.states[key] = "cached"
        found.records[key] = StageRecord(
            stage.kind, key, {}, seconds=number, facts={**measured, "gradients_spent": number}
        )
    return found


def test_cells_of_one_adaptation_add_what_their_own_compression_spent(
    plan: Plan, finished: Statuses
) -> None:
    rows = records(plan, finished)
    assert len({cell.stages["adapt"] for cell in plan.cells}) < len(rows)
    for cell, row in zip(plan.cells, rows, strict=True):
        own = finished.records[cell.stages["compress"]].facts["gradients_spent"]
        assert row["compress_gradients"] == own
        assert row["gradients_spent"] == row["meta_train_gradients"] + row["adapt_gradients"] + own
        for kind in ("compress", "score", "time"):
            found_out = finished.records[cell.stages[kind]].facts
            for column in facts(kind):
                value = found_out[column.name]
                assert row[column.name] == (value if column.json is None else json.dumps(value))


def test_the_cost_of_learning_counts_every_initialisation_behind_a_cell(
    plan: Plan, finished: Statuses
) -> None:
    for cell, row in zip(plan.cells, records(plan, finished), strict=True):
        behind = [
            finished.records[stage.key].seconds
            for stage in plan.graph.lineage([cell.stages["adapt"]])
            if stage.kind == "meta_train"
        ]
        assert row["meta_train_seconds"] == sum(behind)
        assert row["adapt_seconds"] == finished.records[cell.stages["adapt"]].seconds


def test_params_are_the_settings_of_the_cell_as_json(plan: Plan, finished: Statuses) -> None:
    for cell, row in zip(plan.cells, records(plan, finished), strict=True):
        assert row["params"] == json.dumps(cell.settings, sort_keys=True, ensure_ascii=False)
