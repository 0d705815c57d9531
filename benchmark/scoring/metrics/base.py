"""What a metric is: an error rate that the `score` stage computes from stored hypotheses."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from benchmark.axis import Axis

if TYPE_CHECKING:  # planning names metrics, and need not load what aligns texts
    from benchmark.scoring.errors import Errors, Scored

BASIC = ("wer", "cer")
"""The metrics that a language may be judged by. The version of the `score` stage covers them."""


class ErrorRate(ABC):
    """Errors per unit of what was said, over all test utterances of a cell.

    A metric is a frozen dataclass. Its name is that of its file, or of its plug-in, and of its
    column; NAME_low and NAME_high hold the bootstrap interval. The first line of its docstring is
    the meaning of the column. Raise `version` where it counts otherwise than before: all `score`
    stages, and nothing else, run again.
    """

    version: ClassVar[int] = 1

    @abstractmethod
    def count(self, utterance: Scored) -> Errors:
        """The errors of one utterance, whose texts are normalised; `length` counts its units."""

    @classmethod
    def meaning(cls) -> str:
        """What the column says."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0].removesuffix(".")


METRICS: Axis[ErrorRate] = Axis("metric", "metrics", ErrorRate)  # type: ignore[type-abstract]


def added_metrics() -> tuple[dict[str, Any], ...]:
    """The identities of all metrics but the basic ones, for the key of a `score` stage."""
    names = [name for name in METRICS.members if name not in BASIC]
    return tuple(METRICS.identity(name, METRICS.make(name)) for name in names)
