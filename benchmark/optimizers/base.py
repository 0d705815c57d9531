"""The contract of an optimizer: settings that can build a torch optimizer.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions. Schedule and clipping are common to all and defined here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.axis import Axis
from benchmark.errors import Unsupported

if TYPE_CHECKING:
    import torch

    from benchmark.optimizers.stepping.functional import Update


SearchSpace = Mapping[str, tuple[float | str, ...]]
"""Values to try in tuning, by setting; the default is always tried."""


def around(centre: float) -> tuple[float, ...]:
    """Five values half a decade apart: the grid of learning rates for tuning."""
    return tuple(float(f"{centre * 10 ** (half / 2):.2g}") for half in range(-2, 3))


@dataclass(frozen=True)
class Optimizer(ABC):
    """Settings of an optimizer.

    `lr` is the peak learning rate, `warmup` the share of steps over which it rises to the peak, and
    `clip` the largest norm of the gradient (None: no clipping).
    """

    version: ClassVar[int] = 1
    paper: ClassVar[str] = ""
    full_batch: ClassVar[bool] = False
    """Whether a step uses the gradient of the whole support set."""

    line_search: ClassVar[bool] = False
    """Whether a step evaluates the loss at several points; it then has `full_batch` too."""

    elementwise: ClassVar[bool] = False
    """Whether `build` updates each weight from its own gradients alone, just as `differentiable`
    does. Several learners are then updated as one."""

    search_space: ClassVar[SearchSpace] = {}
    """The settings worth tuning: the learning rate and one or two others."""

    obstacle: ClassVar[str] = "its update is not implemented in differentiable form"
    """Why `differentiable` is unsupported, for optimizers for which it is."""

    lr: Annotated[float, Field(gt=0)] = 1e-3
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    clip: Annotated[float, Field(gt=0)] | None = 1.0

    @abstractmethod
    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        """The torch optimizer at the peak learning rate, over leaves that require gradients."""

    def wants_curvature(self, step: int) -> bool:
        """Whether `step` (from 0) needs an estimate of the diagonal of the Hessian."""
        return False

    def differentiable(self) -> Update:
        """The update at the peak learning rate as a pure function, for inner loops.

        Raises Unsupported for an optimizer whose update cannot be differentiated through.
        """
        name = type(self).__name__
        raise Unsupported(f"{name} cannot step the inner loop of a meta-learner: {self.obstacle}")


OPTIMIZERS: Axis[Optimizer] = Axis("optimizer", "optimizers", Optimizer)  # type: ignore[type-abstract]
