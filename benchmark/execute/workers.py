"""Worker processes that run jobs, one at a time each, and survive the death of any of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from benchmark.errors import UserError
from benchmark.execute.job import Job, perform
from benchmark.registry import trust, trusted
from benchmark.results.store import StageRecord

REPORT_SECONDS = 0.5
"""How often a running stage tells how far it is."""

PATIENCE_SECONDS = 5
"""How long a worker may take to put away what it holds before it is killed."""


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
        for worker in self._workers:
            worker.process.join(timeout=PATIENCE_SECONDS)
            worker.process.kill()

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
        worker.connection.send(job)

    def events(self) -> Iterator[Progressed | StageRecord | Died]:
        """Wait until a worker has something to say, and return all that was said."""
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout=REPORT_SECONDS):
            worker = by_connection[connection]  # type: ignore[index]
            try:
                message = worker.connection.recv()
            except EOFError:
                yield from self._bury(worker)
                continue
            if isinstance(message, UserError):
                raise message
            if isinstance(message, StageRecord):
                worker.job = None
            yield message

    def _bury(self, worker: _Worker) -> Iterator[Died]:
        worker.process.join()
        self._workers.remove(worker)
        if worker.job:
            yield Died(worker.job, worker.process.exitcode)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, os.getpid(), trusted()), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _serve(
    connection: Connection, parent: int, paths: Mapping[str, list[str]] | None = None
) -> None:
    """Runs jobs; `paths` are the import paths that the suite names, so that stages may."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    trust(paths or {})
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
        except UserError as error:
            _tell(connection, error)


def _tell(connection: Connection, message: Progressed | StageRecord | UserError) -> None:
    """Ends this process where nobody listens any more: that is no failure of the stage."""
    try:
        connection.send(message)
    except ConnectionError:
        sys.exit(1)


def _die_with(parent: int) -> None:
    """End this process soon after its parent was killed, so that nothing runs on unseen."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
