"""L-BFGS: a quasi-Newton method with a line search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Lbfgs(Optimizer):
    """Quasi-Newton method on the whole support set, with curvature from the last few gradients.

    Every point that the line search (strong Wolfe conditions) evaluates costs one gradient of the
    support set. `lr` is the first step length of a search. There is neither clipping nor a
    schedule, because the search needs the exact gradient.
    """

    paper: ClassVar[str] = (
        "Liu and Nocedal 1989, On the limited memory BFGS method for large scale optimization"
    )
    full_batch: ClassVar[bool] = True
    line_search: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(1.0), "history": (5, 10, 20)}
    obstacle: ClassVar[str] = "its line search branches on the loss"

    lr: Annotated[float, Field(gt=0)] = 1.0
    history: Annotated[int, Field(ge=1)] = 10
    schedule: Literal["constant"] = "constant"
    warmup: Annotated[float, Field(ge=0, le=0)] = 0.0
    clip: None = None

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.LBFGS(
            parameters,
            lr=self.lr,
            history_size=self.history,
            line_search_fn="strong_wolfe",
        )
