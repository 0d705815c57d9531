"""Settings of timing: `timing:` of a suite."""

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
    """Settings of timing.

    runs     rounds with an utterance of the first length
    warmup   runs per warm-up window; two similar windows end the warm-up
    seconds  lengths of the utterance; figures without a length refer to the first
    batch    batch size for throughput
    threads  compute threads, each bound to its own processor
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
            raise ValueError(
                f"{self.runs} runs are too few for a median, which needs {min_runs(0.5)}"
            )
