"""Budgets in utterance-gradients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Budget:
    """The utterance-gradients that may be spent, and those spent so far.

    One utterance-gradient is one utterance through one forward and backward pass. The second-order
    part of a meta-gradient processes no further utterance and is not counted; its time is part of
    the seconds in a record. A method never spends more than `total`. It may leave a remainder that
    is too small for another task.
    """

    total: int
    spent: int = 0

    @property
    def left(self) -> int:
        return self.total - self.spent

    @property
    def fraction(self) -> float:
        """The share of the budget that is spent, 0 to 1."""
        return self.spent / self.total if self.total else 1.0

    def spend(self, utterances: int) -> None:
        """Charge one forward and backward pass over `utterances`.

        Raises ValueError if more is requested than is left, which is an error of the method.
        """
        if utterances > self.left:
            raise ValueError(f"{utterances} utterance-gradients requested, {self.left} left")
        self.spent += utterances

    def steps(self, cost: int) -> int:
        """Number of steps of `cost` utterance-gradients that are left; the last may be smaller."""
        return -(-self.left // cost)
