"""Methods that differ only in adaptation; torch is imported only inside functions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.methods.base import Method

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Transfer(Method):
    """Adaptation of a network from joint training.

    The whole budget of meta-training is warm start, so all such methods and joint training itself
    share one checkpoint.
    """

    @property
    def warm_start(self) -> float:
        return 1.0

    def meta_train(self, training: MetaTraining) -> None:
        """Keep the weights of joint training."""


@dataclass(frozen=True)
class PartialTransfer(Transfer):
    """Fine-tuning of some parameters; the others keep their values from joint training."""

    @abstractmethod
    def learning(self, network: SpeechNetwork) -> Collection[str]:
        """The names of the parameters to train."""

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.selection import trainable_only

        with trainable_only(adaptation.network, self.learning(adaptation.network)):
            super().adapt(adaptation)
