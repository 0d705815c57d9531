"""Learners in lockstep: each runs its own code until its training loop, which all run as one.

A learner is a call in a thread of its own. Only one thread runs at a time, and always in the same
order. A thread that comes to a training loop waits there. Once all threads wait or have ended, the
loops that are alike run as one stack, in the thread of `Lockstep.run`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import torch

if TYPE_CHECKING:
    from benchmark.methods.learning.learner import Learner

T = TypeVar("T")
L = TypeVar("L", bound="Learner")

_here = threading.local()
"""The seat of a thread that is part of a lockstep."""


class _Abandoned(BaseException):
    """Ends the thread of a learner whose lockstep has ended."""


@dataclass
class _Waiting:
    """A training loop that waits for those of others."""

    learner: Learner
    loop: Callable[[Any], None]
    alike: Hashable


@dataclass
class _Seat:
    """One learner: its call, its thread, and what it waits for."""

    task: Callable[[], Any]
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    yielded: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    waiting: _Waiting | None = None
    outcome: Exception | None = None
    """What the loop that it waited for raises."""

    result: Any = None
    ended: bool = False
    abandoned: bool = False
    random_state: torch.Tensor | None = None

    def join(self, waiting: _Waiting) -> None:
        """Called in the thread: wait until the loop has run. Raises what it raises."""
        self.waiting, self.random_state = waiting, torch.get_rng_state()
        self.yielded.release()
        self.turn.acquire()
        if self.abandoned:
            raise _Abandoned
        outcome, self.outcome = self.outcome, None
        if outcome:
            raise outcome

    def main(self) -> None:
        self.turn.acquire()
        _here.seat = self
        try:
            if not self.abandoned:
                self.result = self.task()
        except _Abandoned:
            pass
        except Exception as error:
            self.result = error
        finally:
            self.ended = True
            self.yielded.release()

    def proceed(self) -> None:
        """Let the thread run until its next training loop or its end."""
        if self.random_state is not None:
            torch.set_rng_state(self.random_state)
        self.waiting = None
        self.turn.release()
        self.yielded.acquire()


def learn(learner: L, loop: Callable[[L], None], alike: Hashable) -> None:
    """Run a training loop, as part of a stack where this thread belongs to a lockstep."""
    from benchmark.methods.learning import stacked

    seat: _Seat | None = getattr(_here, "seat", None)
    if alike is None or not stacked.can_stack(learner):
        loop(learner)
    elif seat is not None:
        seat.join(_Waiting(learner, loop, (loop_name(loop), alike)))
    elif learner.device.type == "cuda":
        for fault in stacked.run([learner], loop).values():
            raise fault
    else:
        loop(learner)


class Lockstep:
    """Runs calls that learn, so that training loops that are alike run as one stack."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """The result of each call, or the exception that it raised.

        Raises Unstackable if loops were alike and could not compute as one: nothing of the
        calls is of use then, and each must be run alone.
        """
        seats = [_Seat(task) for task in tasks]
        threads = [threading.Thread(target=seat.main, daemon=True) for seat in seats]
        for thread in threads:
            thread.start()
        try:
            for seat in seats:
                seat.proceed()
            while waiting := [seat for seat in seats if not seat.ended]:
                _run_loops(waiting)
                for seat in waiting:
                    seat.proceed()
        finally:
            for seat in seats:
                seat.abandoned = True
                seat.turn.release()
            for thread in threads:
                thread.join()
        return [seat.result for seat in seats]


def _run_loops(seats: Sequence[_Seat]) -> None:
    """Run the loops that wait, those that are alike as one stack."""
    from benchmark.methods.learning import stacked

    groups: dict[Hashable, list[_Seat]] = {}
    for seat in seats:
        assert seat.waiting
        key = (seat.waiting.alike, stacked.structure(seat.waiting.learner))
        groups.setdefault(key, []).append(seat)
    for group in groups.values():
        loops = [seat.waiting for seat in group if seat.waiting]
        for each in loops:
            each.learner.facts["stack"] = len(group)
        faults = stacked.run([each.learner for each in loops], loops[0].loop)
        for i, fault in faults.items():
            group[i].outcome = fault


def loop_name(loop: Any) -> str:
    """The name of a loop, whose arguments may be bound."""
    return str(getattr(loop, "func", loop).__qualname__)
