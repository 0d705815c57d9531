"""The progress of learners that step together, as that of one."""

from __future__ import annotations

import threading
from collections.abc import Callable

Progress = Callable[[int, int], None]


class Rounds:
    """Passes the reports of several learners on to a meter, one report per step of all.

    Learners that step together report one after the other, nothing being computed in between, and
    some may stop before others. So a step is over when the first of them reports again: the meter
    then learns of the utterance-gradients that were reported until then, which are those of the
    step before. It hears nothing from other threads than its own, since it counts nothing there.
    """

    def __init__(self, meter: Progress) -> None:
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
            if not self._reported or number in self._reported:
                self._reported.clear()
                self.tell()
            self._reported.add(number)
            self._spent[number], self._totals[number] = spent, total
            progress(spent, total)

        return report

    def tell(self) -> None:
        """Tell the meter what all learners have spent so far."""
        if threading.get_ident() == self._thread:
            self._meter(sum(self._spent), sum(self._totals))
