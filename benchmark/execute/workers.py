"""Worker processes that run jobs, one at a time each, and survive the death of any of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from benchmark.errors import UserError
from benchmark.execute.job import Job, perform
from benchmark.execute.worker import STOPPED, start
from benchmark.registry import trust, trusted
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord
from benchmark.system.signals import deferred_interruptions

REPORT_SECONDS = 0.5
"""How often a running stage tells how far it is."""

PATIENCE_SECONDS = 1
"""How long workers may take to put away what they hold before they are killed."""

QUIET_TRACKER = "ignore::UserWarning:multiprocessing.resource_tracker"


@dataclass(frozen=True)
class Progressed:
    """A running stage has done `done` of `total` units."""

    key: str
    done: int
    total: int


@dataclass(frozen=True)
class Died:
    """The process of a job ended without a word: killed by signal `-exit_code`, or crashed."""

    job: Job
    exit_code: int | None


@dataclass(frozen=True)
class Spoilt:
    """A job was not done, since something that it reads is damaged."""

    job: Job
    damage: Damaged


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    job: Job | None = None


class Workers:
    """Up to `count` processes, started when there is work; a context manager that ends them all."""

    def __init__(self, count: int) -> None:
        # Not fork: torch and CUDA do not survive it.
        self._context = multiprocessing.get_context("spawn")
        self._count = count
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
    def idle(self) -> bool:
        return len(self._workers) < self._count or any(w.job is None for w in self._workers)

    @property
    def busy(self) -> bool:
        return any(worker.job is not None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Give a job to an idle worker."""
        worker = next((worker for worker in self._workers if worker.job is None), None)
        if worker is None:
            worker = self._start()
            self._workers.append(worker)
        worker.job = job
        # That a worker has died is seen where events are.
        with suppress(ConnectionError):
            worker.connection.send(job)

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
                worker.job = None
            yield message

    def _bury(self, worker: _Worker) -> Iterator[Died]:
        worker.process.join()
        self._workers.remove(worker)
        if worker.process.exitcode in (STOPPED, -signal.SIGTERM):
            raise KeyboardInterrupt
        if worker.job:
            yield Died(worker.job, worker.process.exitcode)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=start, args=(theirs, os.getpid(), trusted()), daemon=True
        )
        _ensure_tracker()
        with deferred_interruptions():
            process.start()
        theirs.close()
        return _Worker(process, ours)


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
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        said = 0.0

        def progress(done: int, total: int, key: str = job.key) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said > REPORT_SECONDS:
                said = now
                _tell(connection, Progressed(key, done, total))

        try:
            _tell(connection, perform(job, progress))
        except Damaged as damage:
            _tell(connection, Spoilt(job, damage))
        except (UserError, OSError) as error:
            _tell(connection, error)
        except Exception as error:
            # Others may not survive the way to the run, and a traceback never does.
            what = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
            _tell(connection, RuntimeError(what))


def _tell(connection: Connection, message: Progressed | StageRecord | Spoilt | Exception) -> None:
    """Ends this process where nobody listens any more: that is no failure of the stage."""
    try:
        connection.send(message)
    except ConnectionError:
        sys.exit(1)
