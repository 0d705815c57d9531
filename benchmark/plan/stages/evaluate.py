"""Transcribe the test set with a compressed file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.plan.stages.base import Member, Stage
from benchmark.runtimes.base import named_runtime


@dataclass(frozen=True, kw_only=True)
class Evaluate(Stage):
    """Raw hypotheses of the file of the `compress` stage `artefact`.

    corpus   digest of the speech of the language
    runtime  None for the native one
    """

    kind: ClassVar[str] = "evaluate"
    first_seconds: ClassVar[float] = 0.1
    seconds_per_utterance: ClassVar[float] = 0.002
    bytes_of_text: ClassVar[float] = 2e4

    artefact: str
    language: str
    corpus: str
    runtime: Member | None = None

    @property
    def on_device(self) -> bool:
        return named_runtime(self.runtime).on_gpu
