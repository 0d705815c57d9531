"""The currency in which every method pays: utterance-gradients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Budget:
    """Utterance-gradients that may be spent, and those that were.

    One utterance-gradient is one utterance through one forward and backward pass. The second-order
    part of a meta-gradient passes no further utterance through the network and is not counted;
    its extra time shows in the seconds that a record states. A method never spends more than
    `total`; it may leave what is too little for one more task.
    """

    total: int
    spent: int = 0

    @property
    def left(self) -> int:
        return self.total - self.spent

    @property
    def fraction(self) -> float:
        """The share that is spent, 0 to 1."""
        return self.spent / self.total if self.total else 1.0

    def spend(self, utterances: int) -> None:
        """Book one forward and backward pass over `utterances`.

        Raises ValueError for more than is left: a method that does not keep its budget is wrong.
        """
        if utterances > self.left:
            raise ValueError(f"{utterances} utterance-gradients asked for, {self.left} left")
        self.spent += utterances

    def steps(self, cost: int) -> int:
        """Steps of `cost` utterance-gradients that what is left allows, the last maybe smaller."""
        return -(-self.left // cost)
