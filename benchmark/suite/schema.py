"""A suite as typed data, as returned by `load`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from benchmark.compression.chain.chain import Chain
from benchmark.data.augmentation import Augmentation
from benchmark.data.corpora.base import Corpus
from benchmark.data.episodes import Shots
from benchmark.data.features import Features
from benchmark.data.prepare import DataLimits
from benchmark.methods.base import Method
from benchmark.models.base import Model
from benchmark.optimizers.base import Optimizer
from benchmark.runtimes.base import Runtime
from benchmark.suite.thresholds import Thresholds
from benchmark.suite.timing import Timing

T = TypeVar("T")
Sharable = Literal["speaker", "text"]
Precision = Literal["fp32", "tf32", "bf16"]
TunedAxis = Literal["method", "optimizer"]
Equal = Literal["gradients", "seconds"]
HeadLabel = Literal["union", "fresh", "fresh_mean", "fresh_dealt", "bytes"]


@dataclass(frozen=True, eq=False)
class Choice(Generic[T]):
    """One entry of an axis: its label in results, its member, and its identity in keys.

    Two entries are equal only if they are the same object: what is made for one is found by it.

    blocked     why it cannot be had here, if it cannot; its cells are then left alone
    given       parameters that the suite sets; tuning holds them
    tuned_from  of a tuned entry, the label of the one whose settings it replaces
    """

    label: str
    member: T
    identity: dict[str, Any]
    blocked: str | None = None
    given: frozenset[str] = frozenset()
    tuned_from: str | None = None

    @property
    def awaits_tuning(self) -> bool:
        """Whether it is a tuned entry whose settings are not known yet."""
        return "tuned" in self.identity


@dataclass(frozen=True)
class Data:
    """The corpus and the roles of its languages.

    `disjoint` maps a language to what its support and test set must not share; for all other
    languages that is both speaker and text.
    """

    source: Choice[Corpus]
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    shots: tuple[Shots, ...]
    disjoint: dict[str, frozenset[Sharable]]
    limits: DataLimits

    @property
    def languages(self) -> tuple[str, ...]:
        return self.train + self.validation + self.test

    def must_differ(self, language: str) -> frozenset[Sharable]:
        return self.disjoint.get(language, frozenset({"speaker", "text"}))


@dataclass(frozen=True)
class Budget:
    """Utterance-gradients: one is one utterance through one forward and backward pass.

    With `equal` seconds they are the budget of the reference, and other methods get as many as fit
    into the same time (see `plan.pace`). `pace` gives the ratios for meta-training and adaptation
    instead of measuring them, when a cell is reproduced.
    """

    meta_train: int
    adapt: int
    equal: Equal = "gradients"
    pace: tuple[float, float] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that identify a cell, as JSON values, without unused ones."""
        plain = {"meta_train": self.meta_train, "adapt": self.adapt}
        return plain if self.equal == "gradients" else plain | {"equal": self.equal}


@dataclass(frozen=True)
class Exclusion:
    """Excluded cells: those whose axis values are all in `where`."""

    where: dict[str, tuple[str, ...]]
    reason: str


@dataclass(frozen=True)
class Tune:
    """The search for settings, the same for every study.

    trials  number of settings that a study tries, including the default
    draws   support sets of each validation language per trial
    space   axis -> label of an entry -> parameter -> values to try, including the default
    """

    trials: int
    draws: int
    space: Mapping[TunedAxis, Mapping[str, Mapping[str, tuple[Any, ...]]]]


@dataclass(frozen=True)
class Suite:
    """A validated suite."""

    name: str
    path: Path
    text: str
    data: Data
    models: tuple[Choice[Model], ...]
    methods: tuple[Choice[Method], ...]
    optimizers: tuple[Choice[Optimizer], ...]
    outer: tuple[Choice[Optimizer], ...]
    compressions: tuple[Choice[Chain], ...]
    seeds: tuple[int, ...]
    draws: tuple[int, ...]
    heads: tuple[HeadLabel, ...]
    runtimes: tuple[Choice[Runtime], ...]
    budget: Budget
    features: Features
    augmentation: Augmentation
    precision: Precision
    timing: Timing
    stage_seconds: float | None
    exclude: tuple[Exclusion, ...]
    check: Thresholds
    tune: Tune | None = None
    curve: tuple[int, ...] = ()
