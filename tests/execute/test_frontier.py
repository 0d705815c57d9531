"""The order in which stages are run."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from benchmark.execute.frontier import Frontier, Group
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import KINDS
from benchmark.store.drafts import draft
from benchmark.store.stages import StageRecord


def stage(kind: str, name: str, *needs: str, work: int = 0) -> PlannedStage:
    values = dict.fromkeys(field.name for field in fields(KINDS[kind]))
    return PlannedStage(KINDS[kind](**values), name, name, needs, (), work)


STAGES = [
    stage("meta_train", "short", work=10),
    stage("meta_train", "long", work=1000),
    stage("adapt", "a", "long", work=100),
    stage("adapt", "b", "short", work=100),
    stage("compress", "c", "a"),
    stage("compress", "d", "b"),
    stage("score", "e", "c", "c"),
    stage("score", "f", "d"),
    stage("adapt", "free", work=100),
    stage("adapt", "also free", work=100),
]


def record(key: str, status: str = "ok") -> StageRecord:
    return StageRecord("", key, {}, status)  # type: ignore[arg-type]


def order(frontier: Frontier, store: Path, failing: str = "") -> list[str]:
    """The stages as one worker takes them."""
    taken = []
    while planned := frontier.take(store):
        (key,) = (one.key for one in planned)
        taken.append(key)
        frontier.end(record(key, "failed" if key == failing else "ok"))
    return taken


def test_the_longest_way_begins_first_and_then_what_is_nearest_to_its_end(tmp_path: Path) -> None:
    """Of equals the first of the plan: so the order is that of the plan where nothing tells."""
    frontier = Frontier(STAGES, Estimator())
    expected = ["long", "short", "free", "also free", "a", "c", "e", "b", "d", "f"]
    assert order(frontier, tmp_path) == expected
    assert not frontier.left


def test_a_stage_is_ready_once_all_that_it_needs_has_ended(tmp_path: Path) -> None:
    frontier = Frontier(
        [stage("adapt", "x"), stage("adapt", "y"), stage("score", "z", "x", "y")], Estimator()
    )
    taken = [*frontier.take(tmp_path), *frontier.take(tmp_path)]
    assert len(taken) == 2
    for planned in taken:
        assert not frontier.take(tmp_path)
        frontier.end(record(planned.key))
    (last,) = frontier.take(tmp_path)
    assert last.key == "z"


def test_needs_that_are_there_already_are_not_waited_for(tmp_path: Path) -> None:
    assert order(Frontier(STAGES[4:8], Estimator()), tmp_path) == ["c", "e", "d", "f"]


@pytest.mark.parametrize("failing", ["long", "a", "c"])
def test_a_failure_takes_along_what_needs_it_and_nothing_else(tmp_path: Path, failing: str) -> None:
    chain = ["long", "a", "c", "e"]
    lost = set(chain[chain.index(failing) + 1 :])
    taken = order(Frontier(STAGES, Estimator()), tmp_path, failing)
    assert set(taken) == {planned.key for planned in STAGES} - lost


def test_what_another_run_writes_comes_last_and_in_the_same_order(tmp_path: Path) -> None:
    for key in ("long", "free"):
        draft(tmp_path / key).mkdir()
    taken = order(Frontier(STAGES, Estimator()), tmp_path)
    assert taken == ["short", "also free", "b", "d", "f", "long", "a", "c", "e", "free"]


def by_first_letter(planned: PlannedStage) -> Group:
    return Group("device" if planned.kind == "adapt" else "host", planned.key[0])


def keys(taken: list[PlannedStage]) -> list[str]:
    return sorted(planned.key for planned in taken)


STACKS = [
    stage("score", "s1"),
    *(stage("adapt", name) for name in ("a1", "b1", "b2", "a2", "b3", "c1")),
    stage("adapt", "c2", "b1"),
    stage("adapt", "c3", "b2"),
]


def test_stages_of_one_structure_are_taken_together_the_fullest_group_first(
    tmp_path: Path,
) -> None:
    frontier = Frontier(STACKS, Estimator(), by_first_letter)
    assert not frontier.take(tmp_path, "elsewhere", 2)
    assert keys(frontier.take(tmp_path, "device", 8)) == ["b1", "b2", "b3"]
    for key in ("b1", "b2"):
        frontier.end(record(key))
    assert keys(frontier.take(tmp_path, "device", 8)) == ["c1", "c2", "c3"]
    assert keys(frontier.take(tmp_path, "host", 8)) == ["s1"]
    assert keys(frontier.take(tmp_path, "device", 8)) == ["a1", "a2"]


def test_a_group_that_may_still_fill_waits_for_what_could_fill_it(tmp_path: Path) -> None:
    def group(planned: PlannedStage) -> Group:
        return Group("", planned.kind if planned.kind == "evaluate" else None)

    stages = [
        stage("evaluate", "first"),
        stage("compress", "c", work=100),
        stage("evaluate", "second", "c"),
    ]
    frontier = Frontier(stages, Estimator(), group)
    assert keys(frontier.take(tmp_path, most=8)) == ["c"]
    frontier.end(record("c"))
    assert keys(frontier.take(tmp_path, most=8)) == ["first", "second"]


def test_a_stage_whose_stack_died_is_taken_alone(tmp_path: Path) -> None:
    frontier = Frontier(STACKS, Estimator(), by_first_letter)
    for key in keys(frontier.take(tmp_path, "device", 8)):
        frontier.put_back(key)
    taken = [keys(frontier.take(tmp_path, "device", 8)) for _ in range(3)]
    assert sorted(taken) == [["b1"], ["b2"], ["b3"]]
