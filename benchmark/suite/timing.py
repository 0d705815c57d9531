"""How artefacts are to be timed: `timing:` of a suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from benchmark.statistics.percentiles import min_runs

Positive = Annotated[float, Field(gt=0)]


def _several(value: object) -> object:
    return [value] if isinstance(value, int | float) else value


@dataclass(frozen=True)
class Timing:
    """How to time.

    runs     rounds with an utterance of the first of the lengths
    warmup   runs in a window; two windows that are alike end the runs that do not count
    seconds  lengths of the one utterance; the first is that of all numbers that name no length
    batch    utterances at once when throughput is measured
    threads  of computation, each bound to a processor of its own
    """

    runs: int = 130
    warmup: Annotated[int, Field(ge=1)] = 5
    seconds: Annotated[tuple[Positive, ...], BeforeValidator(_several), Field(min_length=1)] = (
        3.0,
        1.0,
        10.0,
    )
    batch: Annotated[int, Field(ge=1)] = 8
    threads: Annotated[int, Field(ge=1)] = 1

    def __post_init__(self) -> None:
        if self.runs < min_runs(0.5):
            raise ValueError(f"{self.runs} runs cannot give a median, {min_runs(0.5)} can")
