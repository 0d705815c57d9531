"""Runs killed at random instants: nothing of them lives on, and resumed they give the same results.

Each chain is one results folder and one cache. Its run is killed and resumed until one run comes to
its end; what that leaves is compared with a run that nobody disturbed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from kills_corpus import write_corpus
from tally import Tally

from benchmark.results.columns import RECORD, VARYING
from benchmark.results.files import RECORDS, UTTERANCES

GRACE_SECONDS = 2.0
"""What a child may take to end after its parent did."""

PATIENCE_SECONDS = 60.0
"""What a run may take to end after a signal."""

LONGEST_CHAIN = 12
"""Kills until a run may come to its end."""

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Kill:
    """A signal to a run and when it comes, as a share of the time of an undisturbed run."""

    signal: signal.Signals
    whole_group: bool
    jobs: int
    share: float

    @classmethod
    def draw(cls, generator: random.Random) -> Kill:
        return cls(
            generator.choice(SIGNALS),
            generator.random() < 0.5,
            generator.choice((1, 2)),
            generator.random() / 2,
        )

    def __str__(self) -> str:
        whom = "the group" if self.whole_group else "the parent"
        return f"{self.signal.name} to {whom}, {self.jobs} job{'s' * (self.jobs > 1)}"


@dataclass
class Chain:
    """One results folder and cache, on which run follows run."""

    folder: Path
    suite: Path

    def start(self, jobs: int) -> subprocess.Popen[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmark", str(self.suite), "--device", "cpu"),
                *("--jobs", str(jobs), "--results", "results", "--no-report"),
            ],
            cwd=self.folder,
            env=os.environ | {"BENCHMARK_CACHE": str(self.folder / "cache")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that starts this in the background lets it ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def finish(self) -> float:
        """Run to the end; seconds that it took."""
        began = time.monotonic()
        process = self.start(1)
        _, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(f"a run failed with {process.returncode}: {errors}")
        return time.monotonic() - began

    def differences(self, untouched: Chain) -> Iterator[str]:
        """In what the results are not those of another chain."""
        columns = [name for name in RECORD if name not in VARYING]
        for name, chosen in ((RECORDS, columns), (UTTERANCES, None)):
            ours, theirs = (
                pd.read_parquet(chain.folder / "results/kills" / name, columns=chosen)
                for chain in (self, untouched)
            )
            if not ours.equals(theirs):
                yield f"{name} differs"
        left = [path.name for path in (self.folder / "results/kills/stages").glob(".*")]
        if left:
            yield f"unfinished: {', '.join(left)}"


def run(count: int, seed: int) -> Tally:
    """Kill `count` times; tells of each on the way."""
    tally = Tally("kills")
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        suite = write_corpus(Path(scratch))
        untouched = Chain(Path(scratch) / "untouched", suite)
        duration = untouched.finish()
        chains = 0
        while tally.total < count:
            chains += 1
            chain = Chain(Path(scratch) / f"chain{chains}", suite)
            for _ in range(min(LONGEST_CHAIN, count - tally.total)):
                kill = Kill.draw(generator)
                answer = killed(chain, kill, duration)
                print(f"{tally.total + 1}/{count} {kill}: {answer or 'right'}", flush=True)
                if answer == FINISHED:
                    break
                if answer:
                    tally.wrong.append(f"{kill} at {kill.share:.3f} of a run: {answer}")
                else:
                    tally.right[str(kill)] += 1
            chain.finish()
            different = list(chain.differences(untouched))
            tally.wrong += [f"chain {chains}: {difference}" for difference in different]
            print(f"chain {chains}: {', '.join(different) or 'the same results'}", flush=True)
            shutil.rmtree(chain.folder)
    return tally


FINISHED = "the run had come to its end"


def killed(chain: Chain, kill: Kill, duration: float) -> str | None:
    """Resume a run and kill it; what was wrong, if anything."""
    process = chain.start(kill.jobs)
    while process.poll() is None and not _handles_signals(process.pid):
        time.sleep(0.01)
    try:
        _, errors = process.communicate(timeout=kill.share * duration)
    except subprocess.TimeoutExpired:
        (os.killpg if kill.whole_group else os.kill)(process.pid, kill.signal)
    else:
        return FINISHED if process.returncode == 0 else f"failed by itself: {errors}"
    try:
        returncode = process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"went on for {PATIENCE_SECONDS:g} seconds"
    end = time.monotonic() + GRACE_SECONDS
    while (alive := _alive(process.pid)) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    _, errors = process.communicate()
    if alive:
        return f"{len(alive)} processes lived on"
    if kill.signal == signal.SIGKILL:
        return errors or None
    if returncode == 0:
        return FINISHED
    if returncode != 130:
        return f"exit code {returncode}: {errors}"
    lines = errors.strip().splitlines()
    return None if len(lines) == 1 and "interrupted" in lines[0] else f"says {errors}"


def _handles_signals(pid: int) -> bool:
    """Whether a process has come so far that SIGTERM is handled (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def _alive(session: int) -> list[int]:
    """The processes of a session that are neither gone nor waiting to be buried (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found
