"""Live progress: what is running, how many cells are done, the time that is left."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedCell, PlannedStage
from benchmark.store.integrity import Damaged
from benchmark.store.mending import mend
from benchmark.store.stages import StageRecord

PLAIN_SECONDS = 15
"""How often a line is printed where the output is no terminal."""

RATE_SECONDS = 10.0
"""Over how long steps are counted for their rate."""

LEARNING = ("meta_train", "adapt")
"""Kinds of stages whose progress is that of a learner's steps."""

SHOWN = 4
"""How many running stages are named: artefacts that are timed in turn all run at once."""


@dataclass
class _Running:
    stage: PlannedStage
    began: float
    fraction: float = 0.0


@dataclass
class Display:
    """Shows a run on a terminal, or as one line now and then where there is none.

    With `gpu` one of the `jobs` has it. `title` begins the headline; `seconds_ahead` is work on one
    worker that is to come besides `stages`.
    """

    console: Console
    stages: list[PlannedStage]
    cells: list[PlannedCell]
    estimator: Estimator
    jobs: int
    gpu: bool = False
    title: str = ""
    seconds_ahead: float = 0.0
    finished_keys: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    _running: dict[str, _Running] = field(default_factory=dict)
    _steps: deque[tuple[float, int]] = field(default_factory=deque)
    """When learners took steps, and how many."""

    _done: int = 0
    _printed: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Display:
        self._began = time.monotonic()
        self._live = Live(
            get_renderable=self.render, console=self.console, refresh_per_second=4, transient=True
        )
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def started(self, stage: PlannedStage) -> None:
        self._running[stage.key] = _Running(stage, time.monotonic())

    def progressed(self, key: str, done: int, total: int, steps: int = 1) -> None:
        if key in self._running and total:
            self._running[key].fraction = done / total
            if self._running[key].stage.kind in LEARNING:
                self._steps.append((time.monotonic(), steps))
        self._say_plainly()

    def finished(self, stage: PlannedStage, record: StageRecord) -> None:
        self._running.pop(stage.key, None)
        self._done += 1
        self.finished_keys.add(stage.key)
        if record.status != "ok":
            line = f"{record.status}: {stage.kind} {stage.label}: {record.error}"
            self.failures.append(line)
            self.console.print(line, style="red", highlight=False, markup=False)
        self._say_plainly()

    def spoilt(self, stage: PlannedStage, damage: Damaged) -> None:
        self._running.pop(stage.key, None)
        mend([damage], self.console)

    def steps_per_second(self) -> float:
        """Steps of learners lately, those of all workers and stacks together."""
        now = time.monotonic()
        while self._steps and now - self._steps[0][0] > RATE_SECONDS:
            self._steps.popleft()
        window = min(RATE_SECONDS, max(1.0, now - self._began))
        return sum(steps for _, steps in self._steps) / window

    @property
    def cells_done(self) -> int:
        return sum(cell.stages.get("score") in self.finished_keys for cell in self.cells)

    def seconds_left(self) -> float:
        """Expected seconds to the end, the work spread evenly over the workers.

        With a GPU one worker has all that runs on it, and the others what runs beside.
        """
        waiting = [s for s in self.stages if s.key not in self.finished_keys]
        if not self.gpu or self.jobs == 1:
            return self._seconds_of(waiting, self.jobs, self.seconds_ahead)
        on_gpu = [s for s in waiting if s.stage.on_device]
        beside = [s for s in waiting if not s.stage.on_device]
        return max(
            self._seconds_of(on_gpu, 1, self.seconds_ahead),
            self._seconds_of(beside, self.jobs - 1),
        )

    def _seconds_of(
        self, waiting: Sequence[PlannedStage], workers: int, total: float = 0.0
    ) -> float:
        """Expected seconds of stages, and of work besides, on so many workers."""
        rests = []
        for stage in waiting:
            running = self._running.get(stage.key)
            if running and running.fraction > 0.05:
                spent = time.monotonic() - running.began
                rests.append(spent * (1 / running.fraction - 1))
            else:
                total += self.estimator.seconds(stage)
        # Stages of one stack share their time.
        total += sum(rests) * min(1.0, workers / max(1, len(rests)))
        if len(waiting) > workers:
            return total / workers
        longest = max((self.estimator.seconds(s) for s in waiting), default=0.0)
        return max(total / workers, longest)

    def render(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        shown, more = self._shown()
        for running in shown:
            table.add_row(
                ProgressBar(total=1.0, completed=running.fraction, width=20),
                Text(running.stage.kind, style="cyan"),
                Text(running.stage.label, overflow="ellipsis", no_wrap=True),
                Text(duration(time.monotonic() - running.began), style="dim"),
            )
        return Group(Text(self._headline(), style="bold"), table, *([Text(more)] if more else []))

    def _shown(self) -> tuple[list[_Running], str]:
        """Running stages to be named, and how many others there are."""
        running = list(self._running.values())
        left = len(running) - SHOWN
        return running[:SHOWN], f"and {left} more" if left > 0 else ""

    def _headline(self) -> str:
        rate = self.steps_per_second()
        steps = f" | {rate:,.0f} learner-steps/s" if rate >= 0.5 else ""
        cells = f" | cells {self.cells_done}/{len(self.cells)}" if self.cells else ""
        return (
            f"{self.title}stages {self._done}/{len(self.stages)}{cells}{steps}"
            f" | {duration(time.monotonic() - self._began)} gone,"
            f" about {duration(self.seconds_left())} left"
        )

    def _say_plainly(self) -> None:
        if self.console.is_terminal or time.monotonic() - self._printed < PLAIN_SECONDS:
            return
        self._printed = time.monotonic()
        shown, more = self._shown()
        now = ", ".join([f"{r.stage.kind} {r.stage.label}" for r in shown] + [more] * bool(more))
        self.console.print(f"{self._headline()} | {now}", highlight=False, markup=False)


def duration(seconds: float) -> str:
    """`42 s`, `3 min 20 s`, `2 h 5 min`."""
    if not math.isfinite(seconds):
        return "an unknown time"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
