"""The contract of a meta-learning method: how an initialisation is learnt and how it adapts.

A member is one file in this folder with one frozen dataclass. It uses a network only through its
loss, and knows neither the corpus nor CTC. It imports torch only inside its functions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.axis import Axis
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining

Head = Literal["union", "fresh", "bytes"]
"""The output layer for a new language.

union  one layer with the characters of all languages; rows of new ones start at the mean
fresh  a new layer, the same for every method; meta-learners draw a new token map per episode, so
       that they learn to start from a fresh layer
bytes  the bytes of UTF-8, which all languages share
"""

Sampling = Literal["uniform", "temperature", "loss", "adversarial"]
"""How languages are drawn in meta-training; see `benchmark.methods.learning.sampler`."""


@dataclass(frozen=True)
class Method(ABC):
    """Settings of a method.

    `batch_size` is the number of utterances per step of adaptation.
    """

    version: ClassVar[int] = 1
    """Raise it when the same settings lead to other weights; this invalidates stored results."""

    paper: ClassVar[str] = ""
    meta_trains: ClassVar[bool] = True
    """False for a method that starts every language from random weights."""

    ceiling: ClassVar[bool] = False
    """Whether it uses more than the support set: then it is an upper bound and is not ranked."""

    whole_split: ClassVar[bool] = False
    """Whether its support set is all training speech of the target language, whatever the shots."""

    prepares_head: ClassVar[bool] = False
    """Whether meta-training depends on the head being fresh."""

    unsupported_heads: ClassVar[Mapping[Head, str]] = {}
    """Heads that the method cannot use, each with the reason."""

    adaptation_fields: ClassVar[frozenset[str]] = frozenset({"batch_size"})
    """Settings that affect only adaptation; meta-training is shared across their values."""

    member_fields: ClassVar[Mapping[str, str]] = {}
    """Settings that name a member of another axis, each with the key of that axis in a suite."""

    search_space: ClassVar[SearchSpace] = {"batch_size": (4, 8, 16)}
    """Settings worth tuning, and the values to choose among.

    Keep them few, because every method has the same number of trials: those to which meta-training
    is most sensitive, and the batch size of adaptation, which sets the steps within the budget.
    """

    batch_size: Annotated[int, Field(ge=1)] = 8

    @property
    def warm_start(self) -> float:
        """Share of the meta-training budget that goes to joint training first.

        That part is one stage for all methods with the same share. `meta_train` continues from its
        weights with the remaining budget.
        """
        return 0.0

    @abstractmethod
    def meta_train(self, training: MetaTraining) -> None:
        """Learn an initialisation, in place in `training.network`, within `training.budget`.

        It starts from the current weights of the network.
        """

    def adapt(self, adaptation: Adaptation) -> None:
        """Learn one language from its support set, in place, within `adaptation.budget`."""
        from benchmark.methods.learning.adaptation import fine_tune

        fine_tune(adaptation, batch_size=self.batch_size)


METHODS: Axis[Method] = Axis("method", "methods", Method)  # type: ignore[type-abstract]
