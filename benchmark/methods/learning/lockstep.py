"""Learners that learn as one stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Lockstep:
    """Runs tasks, each of which trains one learner, so that their training loops run as one."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """The result of each task, or the exception that ended it.

        That is `Unstackable` for a task whose learner must learn alone.
        """
        results: list[T | Exception] = []
        for task in tasks:
            try:
                results.append(task())
            except Exception as error:
                results.append(error)
        return results
