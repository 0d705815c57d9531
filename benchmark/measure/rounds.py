"""The operations of learners that step together."""

from __future__ import annotations

import threading

from benchmark.measure.flops import FlopMeter, Progress


class Rounds:
    """Passes the reports of several learners on to one meter.

    Learners that step together report one after the other, nothing being computed in between, and
    some may stop before others. So a step has ended when something was computed since the last
    report or a learner reports again. What it cost is known when the next one has ended. Steps that
    are taken in other threads are not counted, and cost what the counted ones do.
    """

    def __init__(self, meter: FlopMeter) -> None:
        self._meter = meter
        self._thread = threading.get_ident()
        self._spent: list[int] = []
        self._totals: list[int] = []
        self._reported: set[int] = set()

    def learner(self, progress: Progress) -> Progress:
        """The callback for the steps of one more learner, which tells `progress` of them too."""
        number = len(self._spent)
        self._spent.append(0)
        self._totals.append(0)

        def report(spent: int, total: int) -> None:
            begins = not self._reported or number in self._reported or self._meter.computing
            if begins and threading.get_ident() == self._thread:
                self.settle()
                self._meter.end_step()
            self._reported.add(number)
            self._spent[number], self._totals[number] = spent, total
            progress(spent, total)

        return report

    def settle(self) -> None:
        """Tell the meter what has been reported so far."""
        self._meter.settle(sum(self._spent), sum(self._totals))
        self._reported.clear()
