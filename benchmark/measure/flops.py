"""Floating-point operations of a stage that trains, counted in some steps and scaled to all.

torch's own formulas count: matrix products and convolutions, forward, backward and again backward;
what is done element by element is left out, as in `torch.utils.flop_counter`. Looking at every
operation makes a step slower by a third to a whole, so only some are looked at: the first, which
stands for itself, since it may include preparations, then one in `EVERY` but no fewer than `LEAST`,
evenly spread over the budget. An utterance-gradient between two of them costs the mean of both.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

EVERY = 24
LEAST = 8

Progress = Callable[[int, int], None]


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the operations of all that is done under it; `FlopCounterMode` without its hooks.

    The hooks on modules and gradients of that class cost three times as much and tell where the
    operations belong, which nobody asks here.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=out)
        return out


class FlopMeter:
    """Estimates the operations of the steps that `progress` hears of, as a context manager.

    It is told of every step by the callback that reports progress in utterance-gradients, and
    changes nothing that is computed.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counter: Operations | None = None
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
        """Operations of all steps that have ended, and of what came after the last."""
        return round(self._known + (self._rate or 0.0) * (self._spent - self._known_to))

    def progress(self, spent: int, total: int) -> None:
        """A step has ended, with `spent` of `total` utterance-gradients spent so far."""
        counted, cost = self._stop(), spent - self._spent
        if counted is not None and cost:
            self._book(counted, cost, total)
        self._spent = spent
        if spent >= self._next:
            self._start()
        self._progress(spent, total)

    def _book(self, counted: int, cost: int, total: int) -> None:
        """Add a step that was looked at, and those since the last one."""
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
