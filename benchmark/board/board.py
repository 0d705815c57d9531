"""All combinations of a set of results, in the order of every table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from benchmark.board.combination import AXES, Combination
from benchmark.scoring.usable import NOTHING_USABLE
from benchmark.statistics.estimate import Estimate
from benchmark.statistics.noise import SeedNoise
from benchmark.text.labels import label, value_label

CEILING = "ceiling (sees all training speech of the language)"
"""The mark of a combination whose method is a ceiling."""

ONLY_CEILINGS = (
    "Only ceilings are usable here: their methods see all training speech of the language, so they"
    " are not ranked. Nothing is recommended."
)


@dataclass(frozen=True)
class Board:
    """Combinations in the order of `build.order`: contenders come first, the best of them leading.

    metrics   the metric of each language
    values    the values of each axis in the order of the suite
    hopeless  the languages that no combination but a ceiling recognises
    noise     seed noise; None if no combination has two seeds
    """

    combinations: tuple[Combination, ...]
    languages: tuple[str, ...]
    metrics: dict[str, str]
    values: dict[str, tuple[str, ...]]
    hopeless: tuple[str, ...]
    noise: SeedNoise | None

    @cached_property
    def _ceiling_methods(self) -> frozenset[str]:
        return frozenset(c.axes["method"] for c in self.combinations if c.ceiling)

    @property
    def scored(self) -> list[tuple[Combination, Estimate]]:
        """The combinations that have an error rate, each with its error rate."""
        return [(c, c.error) for c in self.combinations if c.error is not None]

    @property
    def contenders(self) -> list[Combination]:
        """The combinations that can be ranked and recommended: usable and not a ceiling."""
        return [c for c in self.combinations if c.competes]

    @property
    def ceilings(self) -> list[Combination]:
        """The usable ceilings, lowest error rate first."""
        return [c for c in self.combinations if c.ceiling and c.usable]

    @property
    def best(self) -> Combination | None:
        """The contender with the lowest error rate. It is complete if any contender is."""
        return next(iter(self.contenders), None)

    @property
    def lead(self) -> Combination | None:
        """The combination that fixes the other axes of a view: the best, otherwise the first."""
        return self.scored[0][0] if self.scored else None

    @property
    def nothing_to_recommend(self) -> str:
        """Why there are results but no contender; empty if there is a contender or no result."""
        if not self.scored or self.best is not None:
            return ""
        return ONLY_CEILINGS if self.ceilings else NOTHING_USABLE

    @property
    def varying(self) -> tuple[str, ...]:
        """The axes with more than one value; method and compression always count."""
        always = ("method", "compression")
        return tuple(axis for axis in AXES if len(self.values[axis]) > 1 or axis in always)

    @property
    def error_name(self) -> str:
        """`WER`, `CER`, or `error rate` if languages have different metrics."""
        metrics = set(self.metrics.values())
        return metrics.pop().upper() if len(metrics) == 1 else "error rate"

    def value_label(self, axis: str, value: str) -> str:
        """The label of a value of an axis. Methods that are ceilings are marked."""
        ceiling = axis == "method" and value in self._ceiling_methods
        return f"{value} (ceiling)" if ceiling else value_label(axis, value)

    def label(self, combination: Combination) -> str:
        """The label of a combination on this board, such as `maml, adamw, uncompressed`."""
        return label(combination.axes, self.varying)

    def near(self, combination: Combination, *free: str) -> list[Combination]:
        """The combinations that agree with this one on every axis except the `free` ones."""
        fixed = [axis for axis in AXES if axis not in free]
        return [
            c for c in self.combinations if all(c.axes[a] == combination.axes[a] for a in fixed)
        ]

    def best_per(self, axis: str) -> list[Combination]:
        """The best contender of each value of `axis`, best first."""
        best: dict[str, Combination] = {}
        for combination in self.contenders:
            best.setdefault(combination.axes[axis], combination)
        return list(best.values())
