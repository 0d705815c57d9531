"""The contract of a meta-learning method: how an initialisation is learnt and how it adapts.

A member is one file in this folder with one frozen dataclass. It is written against the loss of
a network alone: it knows no corpus and no CTC. It imports torch only inside its functions.
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

union  one table of characters; rows of new ones start at the mean of the others
fresh  no unit is known: the same fresh head for every method, and meta-learners draw a new token
       map per episode, since nothing else teaches them to start from one
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
    """Raise it when the same settings lead to other weights: it invalidates stored results."""

    paper: ClassVar[str] = ""
    meta_trains: ClassVar[bool] = True
    """False for a method that starts every language from random weights."""

    ceiling: ClassVar[bool] = False
    """Whether it learns from more than the support set: a bound for others, no rival of theirs."""

    whole_split: ClassVar[bool] = False
    """Whether its support is all training speech of the target language, whatever the shots."""

    prepares_head: ClassVar[bool] = False
    """Whether meta-training goes another way when a fresh head awaits it."""

    unsupported_heads: ClassVar[Mapping[Head, str]] = {}
    """Heads that it cannot use, each with the reason."""

    adaptation_fields: ClassVar[frozenset[str]] = frozenset({"batch_size"})
    """Settings that matter to adaptation alone: meta-training is shared across their values."""

    member_fields: ClassVar[Mapping[str, str]] = {}
    """Settings that name a member of another axis, each with the key of that axis in a suite."""

    search_space: ClassVar[SearchSpace] = {"batch_size": (4, 8, 16)}
    """Settings worth tuning, and the values to choose among.

    Few, since every method has as many trials: those that meta-training hangs on most, and of
    adaptation the number of utterances per step, hence of steps within the budget.
    """

    batch_size: Annotated[int, Field(ge=1)] = 8

    @property
    def warm_start(self) -> float:
        """Share of the meta-training budget that goes to joint training first.

        That part is one stage for all methods with the same share. `meta_train` goes on from the
        weights that it left, with a budget of what remains.
        """
        return 0.0

    @abstractmethod
    def meta_train(self, training: MetaTraining) -> None:
        """Learn an initialisation, in place in `training.network`, within `training.budget`.

        It starts from whatever weights the network has.
        """

    def adapt(self, adaptation: Adaptation) -> None:
        """Learn one language from its support set, in place, within `adaptation.budget`."""
        from benchmark.methods.learning.adaptation import fine_tune

        fine_tune(adaptation, batch_size=self.batch_size)


METHODS: Axis[Method] = Axis("method", "methods", Method)  # type: ignore[type-abstract]
