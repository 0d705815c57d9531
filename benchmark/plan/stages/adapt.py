"""Learn one language from its support set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.plan.heads import Output
from benchmark.plan.stages.base import Member, Stage
from benchmark.suite.schema import Precision


@dataclass(frozen=True, kw_only=True)
class Adapt(Stage):
    """Adaptation of one initialisation to one support set.

    gradients    utterance-gradients
    start        key of the `meta_train` or `compress_start` stage that it begins with, None for
                 random weights
    start_units  number of output units of that initialisation
    corpus       digest of the speech of the language
    support      uids, or how they will be drawn while the language is not prepared
    compression  chain that happens before or during adaptation
    pace         key of a pace that is not measured yet: `gradients` is then provisional
    snapshots    steps whose weights are kept for a curve
    """

    kind: ClassVar[str] = "adapt"
    first_seconds: ClassVar[float] = 0.3
    seconds_per_utterance: ClassVar[float] = 0.004
    bytes_per_weight: ClassVar[float] = 4.0

    model: Member
    method: Member
    optimizer: Member
    gradients: int
    start: str | None
    start_units: int | None
    seed: int
    language: str
    corpus: str
    support: tuple[str, ...] | str
    vocabulary: Vocabulary
    head: Output
    compression: dict[str, Any] | None = None
    features: Features
    augmentation: Augmentation
    precision: Precision
    normaliser: str
    pace: str | None = None
    snapshots: tuple[int, ...] | None = None

    @property
    def on_device(self) -> bool:
        return True
