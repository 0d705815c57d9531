"""Running stages in the order of their needs, in this process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

from benchmark.execute.job import Job, perform
from benchmark.execute.workers import Died, Progressed, Spoilt, Workers
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import Stage
from benchmark.store.drafts import being_written
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore, Status


class Watcher(Protocol):
    """Somebody who is told how a run goes."""

    def started(self, stage: Stage) -> None: ...

    def progressed(self, key: str, done: int, total: int) -> None: ...

    def finished(self, stage: Stage, record: StageRecord) -> None: ...

    def spoilt(self, stage: Stage, damage: Damaged) -> None: ...


class Frontier:
    """Stages that wait, those that are ready, and the consequences of each that ends."""

    def __init__(self, stages: Iterable[Stage], estimator: Estimator) -> None:
        self.waiting = {stage.key: stage for stage in stages}
        self._running: dict[str, Stage] = {}
        self._ahead = self._critical_paths(estimator)

    def take(self, store: Path) -> Stage | None:
        """A stage that is ready, if any: initialisations first, the longest way first, since most
        else waits for them; then what is nearest to a finished cell. Those that another run is
        writing into `store` come last.
        """
        unfinished = self.waiting.keys() | self._running.keys()
        ready = [s for s in self.waiting.values() if unfinished.isdisjoint(s.needs)]
        if not ready:
            return None
        if len(ready) > 1:
            elsewhere = being_written(store)
            ready = [s for s in ready if s.key not in elsewhere] or ready
        stage = max(ready, key=self._urgency)
        self._running[stage.key] = self.waiting.pop(stage.key)
        return stage

    def end(self, record: StageRecord) -> Stage:
        """Book the end of a stage; when it failed, those that need it never start."""
        stage = self._running.pop(record.key)
        if record.status != "ok":
            self._lose(stage)
        return stage

    def give_up(self, key: str) -> Stage:
        """Book a stage that was not done; those that need it never start."""
        stage = self._running.pop(key)
        self._lose(stage)
        return stage

    def _lose(self, stage: Stage) -> None:
        lost = {stage.key}
        for waiting in list(self.waiting.values()):
            if not lost.isdisjoint(waiting.needs):
                lost.add(waiting.key)
                del self.waiting[waiting.key]

    def _urgency(self, stage: Stage) -> tuple[bool, float]:
        first = stage.kind == "meta_train"
        return first, self._ahead[stage.key] if first else -self._ahead[stage.key]

    def _critical_paths(self, estimator: Estimator) -> dict[str, float]:
        ahead = dict.fromkeys(self.waiting, 0.0)
        for stage in reversed(list(self.waiting.values())):
            ahead[stage.key] += estimator.seconds(stage)
            for key in stage.needs:
                if key in ahead:
                    ahead[key] = max(ahead[key], ahead[stage.key])
        return ahead


def run_stages(
    stages: Iterable[Stage],
    make_job: Callable[[Stage], Job],
    workers: Workers | None,
    estimator: Estimator,
    watcher: Watcher,
) -> dict[str, StageRecord]:
    """Run stages, in this process when there are no workers, and return their records by key.

    A stage that fails takes along those that need it, and nothing else. So does one that could not
    begin because a stage before it is damaged; raises that Damaged once all others are done, for
    then it is time to plan again.
    """
    frontier = Frontier(stages, estimator)
    if not frontier.waiting:
        return {}
    store = make_job(next(iter(frontier.waiting.values()))).store
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

    while workers is None and (stage := frontier.take(store)):
        watcher.started(stage)
        try:
            finish(perform(make_job(stage), partial(watcher.progressed, stage.key)))
        except Damaged as damage:
            give_up(stage.key, damage)
    while workers and (frontier.waiting or workers.busy):
        while workers.idle and (stage := frontier.take(store)):
            watcher.started(stage)
            workers.submit(make_job(stage))
        for event in workers.events():
            if isinstance(event, Progressed):
                watcher.progressed(event.key, event.done, event.total)
            elif isinstance(event, Spoilt):
                give_up(event.job.key, event.damage)
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
    job = death.job
    record = StageRecord(job.kind, job.key, job.identity, status, error, device=job.device)
    store = StageStore(job.store)
    with store.writing(job.key) as folder:
        store.put(folder, record)
    return record
