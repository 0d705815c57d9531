"""Learn an initialisation over the training languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.methods.base import Head
from benchmark.plan.stages.base import Member, Stage
from benchmark.suite.schema import Precision


@dataclass(frozen=True, kw_only=True)
class MetaTrain(Stage):
    """Meta-training by one method, or the joint training that it starts from.

    method     without the settings that matter to adaptation alone
    gradients  utterance-gradients
    start      key of the `meta_train` stage that it goes on from
    corpora    digest of the speech of each training language
    head       what the new output layer of adaptation will be, where the method cares
    pace       key of a pace that is not measured yet: `gradients` is then provisional
    """

    kind: ClassVar[str] = "meta_train"
    first_seconds: ClassVar[float] = 0.5
    seconds_per_utterance: ClassVar[float] = 0.005
    bytes_per_weight: ClassVar[float] = 4.0

    model: Member
    method: Member
    outer: Member
    gradients: int
    start: str | None
    seed: int
    corpora: dict[str, str]
    vocabulary: Vocabulary
    head: Head
    features: Features
    augmentation: Augmentation
    precision: Precision
    normaliser: str
    pace: str | None = None

    @property
    def on_device(self) -> bool:
        return True
