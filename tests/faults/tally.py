"""What a round of faults came to: how often each answer was given, and which answers were wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of right answers by what they were; `wrong` describes every answer that was not."""

    name: str
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.right.total() + len(self.wrong)

    def __str__(self) -> str:
        answers = ", ".join(f"{count} {answer}" for answer, count in sorted(self.right.items()))
        lines = [f"{self.name}: {self.total} tried, {len(self.wrong)} wrong ({answers})"]
        return "\n".join(lines + [f"  {description}" for description in self.wrong])
