"""Stages that are performed as one stack, and what each keeps of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.errors import DataError, Diverged, Unstackable
from benchmark.execute.job import Context, Job
from benchmark.execute.together import perform_together
from benchmark.execute.verdict import StageTimeoutError
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore

End = dict[str, Any] | Exception


class OutOfMemoryError(RuntimeError):
    """What torch raises is known by its name."""


MEMORY = OutOfMemoryError(
    "CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 8.00 GiB of"
    " which 4.50 GiB is free. Process 1 has 3.50 GiB memory in use."
)


class Stages:
    """Stages of a kind that is made up: `end` says how each ends, given how many run together."""

    def __init__(self, end: Callable[[str, int], End]) -> None:
        self.end = end
        self.stacks: list[list[str]] = []

    def run(self, context: Context[Any]) -> dict[str, Any]:
        self.stacks.append([context.job.key])
        end = self.end(context.job.key, 1)
        if isinstance(end, Exception):
            raise end
        return end

    def run_together(self, contexts: Sequence[Context[Any]]) -> list[End]:
        keys = [context.job.key for context in contexts]
        self.stacks.append(keys)
        for context in contexts:
            (context.folder / "what").write_text(context.job.key)
        return [self.end(key, len(keys)) for key in keys]


@pytest.fixture
def perform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Stages, list[StageRecord | Damaged]]]:
    def run(end: Callable[[str, int], End], keys: str, seconds: float | None = None) -> Any:
        stages = Stages(end)
        name = "benchmark.execute.stages.made_up"
        module = SimpleNamespace(run=stages.run, run_together=stages.run_together)
        monkeypatch.setitem(sys.modules, name, module)
        jobs = [Job("made_up", key * 10, {"k": key}, tmp_path, {}, "cpu", seconds) for key in keys]
        return stages, perform_together(jobs, lambda key, done, total: None)

    return run


def ok(key: str, size: int) -> End:
    return {"size": size}


def test_each_stage_of_a_stack_keeps_its_folder_and_its_record(
    perform: Any, tmp_path: Path
) -> None:
    stages, records = perform(ok, "abc")
    assert [len(stack) for stack in stages.stacks] == [3]
    store = StageStore(tmp_path)
    for key, record in zip("abc", records, strict=True):
        assert record.key == key * 10 and record.identity == {"k": key}
        assert (store.open(record.key) / "what").read_text() == record.key
        assert record.facts == {"size": 3}
    assert len({record.seconds for record in records}) == 1


def test_what_is_stored_already_is_not_done_again(perform: Any) -> None:
    perform(ok, "b")
    stages, records = perform(ok, "abc")
    assert stages.stacks == [["a" * 10, "c" * 10]]
    assert [record.facts["size"] for record in records] == [2, 1, 2]


def test_a_failure_is_that_of_one_stage(perform: Any) -> None:
    def end(key: str, size: int) -> End:
        return Diverged("the loss became nan at step 3") if key[0] == "b" else ok(key, size)

    _, records = perform(end, "abc")
    assert [record.status for record in records] == ["ok", "diverged", "ok"]
    assert records[1].error == "the loss became nan at step 3"


def test_a_stack_that_needs_too_much_memory_is_halved(perform: Any) -> None:
    def end(key: str, size: int) -> End:
        return MEMORY if size > 2 or key[0] == "e" else ok(key, size)

    stages, records = perform(end, "abcde")
    assert sorted(len(stack) for stack in stages.stacks) == [1, 1, 2, 2, 3, 5]
    assert [record.status for record in records] == ["ok"] * 4 + ["oom"]
    assert "at least 1.50 GiB are missing" in records[4].error


def test_learners_that_cannot_compute_as_one_run_alone(perform: Any) -> None:
    def end(key: str, size: int) -> End:
        if size > 1:
            raise Unstackable("no batching rule")
        return ok(key, size)

    stages, records = perform(end, "abc")
    assert [record.facts["size"] for record in records] == [1, 1, 1]
    assert len(stages.stacks) == 4


def test_a_stack_that_takes_longer_than_its_stages_may_together_is_given_up(
    perform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []

    @contextmanager
    def limit(seconds: float) -> Iterator[None]:
        limits.append(seconds)
        raise StageTimeoutError("late")
        yield

    monkeypatch.setattr("benchmark.execute.together.time_limit", limit)
    _, records = perform(ok, "abc", 20.0)
    assert limits == [60.0]
    assert [record.facts["size"] for record in records] == [1, 1, 1]


def test_a_damaged_input_spoils_one_stage(perform: Any, tmp_path: Path) -> None:
    damage = Damaged(tmp_path / "x", "weights", "is gone")
    _, records = perform(lambda k, s: damage if k[0] == "a" else ok(k, s), "ab")
    assert records[0] is damage
    assert records[1].status == "ok"


def test_a_lost_gpu_ends_the_run_and_keeps_what_had_finished(perform: Any, tmp_path: Path) -> None:
    lost = RuntimeError("CUDA error: the launch timed out and was terminated\nCompile with ...")
    with pytest.raises(DataError, match=r"GPU was lost .*timed out and was terminated") as raised:
        perform(lambda k, s: lost if k[0] == "a" else ok(k, s), "ab")
    assert raised.value.exit_code == 3
    assert "\n" not in str(raised.value)
    assert StageStore(tmp_path).keys() == {"b" * 10}
