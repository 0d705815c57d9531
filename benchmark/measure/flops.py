"""Floating-point operations of a training stage, counted in some steps and scaled to all.

`benchmark.operations` counts them. Counting makes a step 33 to 100 % slower, so only some steps are
counted: the first, which is not used for scaling because it may include preparations, then one in
`EVERY` but at least `LEAST`, evenly spread over the budget.
An utterance-gradient between two counted steps costs the mean of both.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from benchmark.operations import Operations

EVERY = 24
LEAST = 8

Progress = Callable[[int, int], None]


class FlopMeter:
    """A context manager that estimates the operations of the steps reported to `progress`.

    `progress` is the callback that reports utterance-gradients after every step. Counting does not
    change the computation.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counter: Operations | None = None
        self._ended: int | None = None
        self._spent = 0
        self._known = 0.0
        self._known_to = 0
        self._rate: float | None = None
        self._next = 0

    def __enter__(self) -> FlopMeter:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._known += self._stop() or 0

    @property
    def total(self) -> int:
        """Operations of all finished steps, and of everything after the last."""
        return round(self._known + (self._rate or 0.0) * (self._spent - self._known_to))

    def progress(self, spent: int, total: int) -> None:
        """Called after a step with `spent` of `total` utterance-gradients spent so far."""
        counted = self._stop()
        self._settle(counted, spent, total)
        if spent >= self._next:
            self._start()
        self._progress(spent, total)

    @property
    def computing(self) -> bool:
        """Whether operations of the next step have been counted already."""
        return self._counter is not None and self._counter.total > 0

    def end_step(self) -> None:
        """Called after a step whose utterance-gradients `settle` will tell, in place of `progress`.

        Whether the next step is counted is decided without them.
        """
        self._ended = self._stop()
        if self._spent >= self._next:
            self._start()

    def settle(self, spent: int, total: int) -> None:
        """Called with what was spent until the last `end_step`, of `total`."""
        self._settle(self._ended, spent, total)
        self._ended = None

    def _settle(self, counted: int | None, spent: int, total: int) -> None:
        cost = spent - self._spent
        if counted is not None and cost:
            self._book(counted, cost, total)
        self._spent = spent

    def _book(self, counted: int, cost: int, total: int) -> None:
        """Add a counted step, and the steps since the last counted one."""
        rate = counted / cost
        between = self._spent - self._known_to
        first = self._rate is None
        self._known += counted + between * (rate + (rate if self._rate is None else self._rate)) / 2
        self._known_to = self._spent + cost
        self._rate = rate
        stride = 1.0 if first else max(1.0, min(EVERY, total / (LEAST * cost)))
        self._next = round(self._spent + cost * stride)

    def _start(self) -> None:
        self._counter = Operations()
        self._counter.__enter__()  # type: ignore[no-untyped-call]

    def _stop(self) -> int | None:
        counter, self._counter = self._counter, None
        if counter is None:
            return None
        counter.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        return counter.total
