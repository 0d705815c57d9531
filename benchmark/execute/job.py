"""One stage made to run: what a worker is told, and what it does with it."""

from __future__ import annotations

import hashlib
import importlib
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any, Generic, TypeVar, cast

from benchmark.data.prepared import Prepared
from benchmark.errors import DataError
from benchmark.execute.verdict import StageTimeoutError, is_device_lost, verdict
from benchmark.plan.stages import stage_of
from benchmark.runtimes.base import ARTEFACT
from benchmark.store.identity import SAME_CHANCE, key, seed
from benchmark.store.integrity import Damaged
from benchmark.store.stages import Outcome, StageRecord, StageStore, Status, ended
from benchmark.system.denials import is_disk_full
from benchmark.system.signals import deferred_interruptions, interrupted

Progress = Callable[[int, int], None]

S_co = TypeVar("S_co", covariant=True)
"""What a function relies on of a stage: its kind, or fields that several kinds have."""


@dataclass(frozen=True)
class Job:
    """A stage with the places that it reads from and writes to; nothing here changes its result."""

    kind: str
    key: str
    identity: dict[str, Any]
    store: Path
    corpora: dict[str, Path]
    device: str
    limit_seconds: float | None = None
    profile: bool = False
    """Whether the record is to say what the time went to."""


@dataclass(frozen=True)
class Context(Generic[S_co]):
    """What the function of a stage gets: its inputs, a folder for its output, and a seed."""

    job: Job
    folder: Path
    progress: Progress

    @cached_property
    def stage(self) -> S_co:
        """What its result depends on, parsed from the identity."""
        return cast(S_co, stage_of(self.job.identity))

    @property
    def seed(self) -> int:
        """From the key, but for what chance does not depend on."""
        identity = self.job.identity
        learnt = {name: value for name, value in identity.items() if name not in SAME_CHANCE}
        return seed(self.job.key if len(learnt) == len(identity) else key(learnt))

    def output(self, key: str) -> Path:
        """The folder of a stage that this one needs. Raises Damaged."""
        return StageStore(self.job.store).open(key)

    def corpus(self, language: str) -> Prepared:
        """The speech of a language. Raises Damaged."""
        folder = self.job.corpora[language]
        return Prepared.open(StageStore(folder.parent).open(folder.name))


def perform(job: Job, progress: Progress) -> StageRecord:
    """Run a stage and store it; a failure is stored too, with its status and error.

    What another run has finished meanwhile is not done again. Raises Damaged where an input is no
    longer what was written, DataError where the disk is full or the GPU is lost.
    """
    store = StageStore(job.store)
    if stored := store.get(job.key):
        return stored
    module = stage_module(job.kind)
    began = time.perf_counter()
    with store.writing(job.key) as folder:
        context: Context[Any] = Context(job, folder, progress)
        try:
            with time_limit(job.limit_seconds), profiled(job) as profile:
                facts = module.run(context) | profile(1)
        except Exception as caught:
            return keep(context, caught, time.perf_counter() - began)
        return keep(context, facts, time.perf_counter() - began)


@contextmanager
def profiled(job: Job) -> Iterator[Callable[[int], dict[str, Any]]]:
    """Within this context stages are profiled if the job says so.

    Gives a function with the facts that come of it for each of so many stages, none without.
    """
    if not job.profile:
        yield lambda stages: {}
        return
    from benchmark.parts import profile

    with profile() as parts:
        yield lambda stages: {"profile": parts.facts(stages)}


def stage_module(kind: str) -> Any:
    """The module that does what stages of this kind do."""
    # An exception in the middle of an import of torch would abort the process.
    with deferred_interruptions():
        return importlib.import_module(f"benchmark.execute.stages.{kind}")


def keep(
    context: Context[Any], result: Mapping[str, Any] | Exception, seconds: float
) -> StageRecord:
    """Store a stage that ended with these facts or this exception, with what it wrote.

    Raises Damaged or DataError where the exception is not the fault of the stage.
    """
    job, folder, store = context.job, context.folder, StageStore(context.job.store)
    status: Status = "ok"
    error = None
    facts: Mapping[str, Any] = {}
    if isinstance(result, Exception):
        _raise_unless_its_own(result, job)
        status, error = verdict(result)
        text = "".join(traceback.format_exception(result))
        (folder / "traceback.txt").write_text(text, encoding="utf-8")
    else:
        facts = result
    outcome: Outcome = {
        "status": status,
        "error": error,
        "seconds": seconds,
        "facts": dict(facts),
        "content": _content(folder),
    }
    if status != "ok" and job.kind == "prepare":
        # A corpus that could not be read is asked for again by the next run.
        return ended(job, job.device, **outcome)
    record = store.save(job, job.device, folder, **outcome)
    module = stage_module(job.kind)
    if status == "ok" and hasattr(module, "clean_up"):
        module.clean_up(replace(context, folder=store.path(job.key)))
    return record


def _raise_unless_its_own(error: Exception, job: Job) -> None:
    """Raise what ends more than the stage of a job."""
    if isinstance(error, Damaged):
        raise error
    if interrupted():
        # C code may make another error of it, which says nothing of the stage.
        raise KeyboardInterrupt from error
    if is_disk_full(error):
        place = "BENCHMARK_CACHE" if job.kind == "prepare" else "--results"
        raise DataError(
            f"the disk that holds {job.store} is full; make room there or set another"
            f" folder by {place}"
        ) from None
    if is_device_lost(error):
        line = str(error).split("\n", 1)[0]
        raise DataError(
            f"the GPU was lost during a stage {job.kind} ({line}); what had finished is kept, and"
            " another run goes on from there"
        ) from None


def _content(folder: Path) -> str | None:
    """The digest of the weights in a folder, None where there are none."""
    weights = sorted({*folder.glob("*.safetensors"), *folder.glob(f"{ARTEFACT}.*")})
    if not weights:
        return None
    return hashlib.sha256(b"".join(path.read_bytes() for path in weights)).hexdigest()[:20]


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise StageTimeoutError after so many seconds; only a main thread can be timed."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    late = StageTimeoutError(f"stopped after {seconds:g} s (stage_seconds)")
    rung = False

    def expire(signum: int, frame: FrameType | None) -> None:
        nonlocal rung
        rung = True
        raise late

    previous = signal.signal(signal.SIGALRM, expire)
    # Python swallows what is raised inside a callback, such as one of garbage collection: so the
    # alarm rings again, and counts even where the stage ended before it could.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    if rung:
        raise late
