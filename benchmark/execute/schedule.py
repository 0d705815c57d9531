"""Running stages in the order of their needs, in this process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from benchmark.execute.frontier import Frontier, Group
from benchmark.execute.job import Job
from benchmark.execute.stack_memory import StackMemory
from benchmark.execute.structure import structure
from benchmark.execute.together import perform_all
from benchmark.execute.workers import Died, Progressed, Spoilt, Workers
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore, Status


class Watcher(Protocol):
    """Somebody who is told how a run goes."""

    def started(self, stage: PlannedStage) -> None: ...

    def progressed(self, key: str, done: int, total: int, steps: int = 1) -> None: ...

    def finished(self, stage: PlannedStage, record: StageRecord) -> None: ...

    def spoilt(self, stage: PlannedStage, damage: Damaged) -> None: ...


def run_stages(
    stages: Iterable[PlannedStage],
    make_job: Callable[[PlannedStage], Job],
    workers: Workers | None,
    estimator: Estimator,
    watcher: Watcher,
    stack: int = 1,
) -> dict[str, StageRecord]:
    """Run stages, in this process when there are no workers, and return their records by key.

    Up to `stack` stages of one structure are performed as one stack.

    A stage that fails takes along those that need it, and nothing else. So does one that could not
    begin because a stage before it is damaged; raises that Damaged once all others are done, for
    then it is time to plan again.
    """

    def group_of(planned: PlannedStage) -> Group:
        lane = workers.lane(planned.stage.on_device) if workers else ""
        return Group(lane, structure(planned.stage) if stack > 1 else None)

    frontier = Frontier(stages, estimator, group_of)
    if not frontier.left:
        return {}
    store = make_job(next(iter(frontier.left.values()))).store
    records: dict[str, StageRecord] = {}
    damages: list[Damaged] = []

    def finish(record: StageRecord) -> None:
        records[record.key] = record
        if record.status == "ok":
            estimator.learn(record)
        watcher.finished(frontier.end(record), record)

    def give_up(key: str, damage: Damaged) -> None:
        damages.append(damage)
        watcher.spoilt(frontier.give_up(key), damage)

    memory = StackMemory()
    while workers is None and (taken := frontier.take(store, most=stack)):
        for planned in taken:
            watcher.started(planned)
        jobs = [make_job(planned) for planned in taken]
        for job, end in zip(jobs, perform_all(jobs, watcher.progressed, memory), strict=True):
            if isinstance(end, Damaged):
                give_up(job.key, end)
            else:
                finish(end)
    while workers and (frontier.left or workers.busy):
        for lane in workers.lanes:
            while workers.idle(lane) and (taken := frontier.take(store, lane, stack)):
                for planned in taken:
                    watcher.started(planned)
                workers.submit([make_job(planned) for planned in taken], lane)
        for event in workers.events():
            if isinstance(event, Progressed):
                watcher.progressed(event.key, event.done, event.total, event.steps)
            elif isinstance(event, Spoilt):
                give_up(event.job.key, event.damage)
            elif isinstance(event, Died) and event.together:
                frontier.put_back(event.job.key)
            else:
                finish(_mourn(event) if isinstance(event, Died) else event)
    if damages:
        raise damages[0]
    return records


def _mourn(death: Died) -> StageRecord:
    """Record a stage whose process died; a SIGKILL is almost always the system out of memory."""
    out_of_memory = death.exit_code == -9
    status: Status = "oom" if out_of_memory else "failed"
    error = f"its process ended with exit code {death.exit_code}"
    if out_of_memory:
        error = "its process was killed, most likely because memory ran out"
    return StageStore(death.job.store).save(death.job, death.job.device, status=status, error=error)
