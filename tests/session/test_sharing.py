"""Two runs on one folder: what one has finished or is writing, the other need not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.execute import together
from benchmark.execute.job import Job, perform
from benchmark.execute.schedule import run_stages
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import ScoreCurve
from benchmark.store.drafts import draft
from benchmark.store.stages import StageRecord, StageStore


class Silent:
    def started(self, *_: object) -> None: ...

    progressed = finished = spoilt = started


def jobs(folder: Path, number: int) -> dict[PlannedStage, Job]:
    stages = [
        PlannedStage.of(
            ScoreCurve(hypotheses=str(n), language="nl", metric="wer", normaliser="1"),
            label=str(n),
        )
        for n in range(number)
    ]
    return {s: Job(s.kind, s.key, s.identity, folder, {}, "cpu") for s in stages}


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_stage_that_another_run_is_writing_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    todo = jobs(tmp_path, 3)
    elsewhere = list(todo)[written]
    draft(tmp_path / elsewhere.key).mkdir()
    order = []

    def note(job: Job, _: object) -> StageRecord:
        order.append(job.key)
        return StageRecord(job.kind, job.key, job.identity)

    monkeypatch.setattr(together, "perform", note)
    done = run_stages(todo, todo.__getitem__, None, Estimator(), Silent())
    assert set(order) == done.keys() == {stage.key for stage in todo}
    assert order[-1] == elsewhere.key


def test_a_stage_that_another_run_has_finished_is_taken_over(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path, 1).values()
    store = StageStore(tmp_path)
    theirs = StageRecord(job.kind, job.key, job.identity, facts={"steps": 3})
    with store.writing(job.key) as folder:
        store.put(folder, theirs)
    assert perform(job, lambda done, total: None).facts == {"steps": 3}


@pytest.mark.parametrize("finished", ["ok", "damaged"])
def test_the_first_to_finish_wins_unless_its_stage_is_damaged(
    tmp_path: Path, finished: str
) -> None:
    (job,) = jobs(tmp_path, 1).values()
    store = StageStore(tmp_path)
    with store.writing(job.key) as ours:
        (ours / "weights").write_text("the same")
        theirs = ours.with_name("theirs")
        theirs.mkdir()
        (theirs / "weights").write_text("the same")
        store.put(theirs, StageRecord(job.kind, job.key, job.identity, device="theirs"))
        if finished == "damaged":
            (store.path(job.key) / "weights").write_text("others")
        store.put(ours, StageRecord(job.kind, job.key, job.identity, device="ours"))
    record = store.get(job.key)
    assert record is not None
    assert record.device == ("theirs" if finished == "ok" else "ours")
