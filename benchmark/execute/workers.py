"""Worker processes that run jobs, those of one stack at a time each; any of them may die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from benchmark.errors import UserError
from benchmark.execute.job import Job
from benchmark.execute.stack_memory import StackMemory
from benchmark.execute.together import perform_all
from benchmark.execute.worker import STOPPED, start
from benchmark.registry import trust, trusted
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord
from benchmark.system.signals import deferred_interruptions

REPORT_SECONDS = 0.5
"""How often a running stage tells how far it is."""

PATIENCE_SECONDS = 1
"""How long workers may take to put away what they hold before they are killed."""

HOST, DEVICE = "host", "device"
"""Lanes of work: which workers it is for."""

QUIET_TRACKER = "ignore::UserWarning:multiprocessing.resource_tracker"


@dataclass(frozen=True)
class Progressed:
    """A running stage has done `done` of `total` units, in `steps` steps since it said so last."""

    key: str
    done: int
    total: int
    steps: int


@dataclass(frozen=True)
class Died:
    """The process of a job ended without a word: killed by signal `-exit_code`, or crashed.

    `together` tells that it had other jobs too, any of which may have been the cause.
    """

    job: Job
    exit_code: int | None
    together: bool


@dataclass(frozen=True)
class Spoilt:
    """A job was not done, since something that it reads is damaged."""

    job: Job
    damage: Damaged


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    lane: str
    jobs: dict[str, Job] = field(default_factory=dict)
    """Those that it has been given and has not ended, by key."""


class Workers:
    """Up to `count` processes, started when there is work; a context manager that ends them all.

    With `gpu` one of them has all work on the device, and the others have all else beside it.
    """

    def __init__(self, count: int, gpu: bool = False) -> None:
        # Not fork: torch and CUDA do not survive it.
        self._context = multiprocessing.get_context("spawn")
        self._counts = {DEVICE: 1, HOST: count - 1} if gpu else {HOST: count}
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        end = time.monotonic() + PATIENCE_SECONDS
        for worker in self._workers:
            worker.process.join(timeout=max(0.0, end - time.monotonic()))
            worker.process.kill()
            worker.process.join()

    @property
    def lanes(self) -> tuple[str, ...]:
        """The kinds of workers that there are."""
        return tuple(self._counts)

    def lane(self, on_device: bool) -> str:
        """The workers for stages that run on the device, or for others."""
        return DEVICE if on_device and DEVICE in self._counts else HOST

    def idle(self, lane: str = HOST) -> bool:
        """Whether a job for these workers would begin at once."""
        workers = [worker for worker in self._workers if worker.lane == lane]
        return len(workers) < self._counts[lane] or any(not worker.jobs for worker in workers)

    @property
    def busy(self) -> bool:
        return any(worker.jobs for worker in self._workers)

    def submit(self, jobs: Sequence[Job], lane: str = HOST) -> None:
        """Give jobs of one structure to an idle worker."""
        idle = (w for w in self._workers if w.lane == lane and not w.jobs)
        worker = next(idle, None)
        if worker is None:
            worker = self._start(lane)
            self._workers.append(worker)
        worker.jobs = {job.key: job for job in jobs}
        # That a worker has died is seen where events are.
        with suppress(ConnectionError):
            worker.connection.send(list(jobs))

    def events(self) -> Iterator[Progressed | StageRecord | Spoilt | Died]:
        """Wait until a worker has something to say, and return all that was said.

        Raises what a worker could not keep to itself: an error that no stage is to blame for, and
        KeyboardInterrupt where it was asked to stop.
        """
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout=REPORT_SECONDS):
            worker = by_connection[connection]  # type: ignore[index]
            try:
                message = worker.connection.recv()
            except (EOFError, ConnectionError):
                yield from self._bury(worker)
                continue
            if isinstance(message, Exception):
                raise message
            if isinstance(message, StageRecord | Spoilt):
                key = message.key if isinstance(message, StageRecord) else message.job.key
                del worker.jobs[key]
            yield message

    def _bury(self, worker: _Worker) -> Iterator[Died]:
        worker.process.join()
        self._workers.remove(worker)
        if worker.process.exitcode in (STOPPED, -signal.SIGTERM):
            raise KeyboardInterrupt
        for job in worker.jobs.values():
            yield Died(job, worker.process.exitcode, together=len(worker.jobs) > 1)

    def _start(self, lane: str) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=start, args=(theirs, os.getpid(), trusted()), daemon=True
        )
        _ensure_tracker()
        with deferred_interruptions():
            process.start()
        theirs.close()
        return _Worker(process, ours, lane)


def _ensure_tracker() -> None:
    """Start the process that frees what killed workers held, before interruptions are held back:
    it would let them through. It is not to tell of what it freed.
    """
    sys.warnoptions.append(QUIET_TRACKER)
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove(QUIET_TRACKER)


def serve(connection: Connection, paths: Mapping[str, list[str]]) -> None:
    """Run the jobs that come through `connection` until its other end is closed.

    `paths` are the import paths that the suite names, so that stages may.
    """
    trust(paths)
    memory = StackMemory()
    while True:
        try:
            jobs: list[Job] = connection.recv()
        except EOFError:
            return
        try:
            ends = perform_all(jobs, _Teller(connection), memory)
            for job, end in zip(jobs, ends, strict=True):
                _tell(connection, Spoilt(job, end) if isinstance(end, Damaged) else end)
        except (UserError, OSError) as error:
            _tell(connection, error)
        except Exception as error:
            # Others may not survive the way to the run, and a traceback never does.
            what = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
            _tell(connection, RuntimeError(what))


class _Teller:
    """Tells now and then how far the stages of a worker are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._said: dict[str, float] = {}
        self._steps: Counter[str] = Counter()

    def __call__(self, key: str, done: int, total: int) -> None:
        self._steps[key] += 1
        now = time.monotonic()
        if now - self._said.get(key, 0.0) > REPORT_SECONDS:
            self._said[key] = now
            _tell(self._connection, Progressed(key, done, total, self._steps.pop(key)))


def _tell(connection: Connection, message: Progressed | StageRecord | Spoilt | Exception) -> None:
    """Ends this process where nobody listens any more: that is no failure of the stage."""
    try:
        connection.send(message)
    except ConnectionError:
        sys.exit(1)
