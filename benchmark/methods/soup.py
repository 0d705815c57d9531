"""Weight averaging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.learning.transfer import Transfer
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.methods.learning.adaptation import Adaptation


@dataclass(frozen=True)
class Soup(Transfer):
    """Joint training, then average the weights before and after fine-tuning.

    `share` is the weight of the fine-tuned weights in the average.
    """

    paper: ClassVar[str] = (
        "Vander Eeckt and Van hamme 2022, Weight Averaging: A Simple Yet Effective Method to"
        " Overcome Catastrophic Forgetting in Automatic Speech Recognition"
    )
    adaptation_fields: ClassVar[frozenset[str]] = frozenset({"batch_size", "share"})
    search_space: ClassVar[SearchSpace] = {**Transfer.search_space, "share": (0.3, 0.5, 0.7, 0.9)}

    share: Annotated[float, Field(ge=0, le=1)] = 0.5

    def adapt(self, adaptation: Adaptation) -> None:
        import torch

        start = {name: p.detach().clone() for name, p in adaptation.parameters().items()}

        def average(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
            return {
                n: start[n].lerp(w, self.share) if n in start else w for n, w in weights.items()
            }

        adaptation.conclude = average
        super().adapt(adaptation)
        with torch.no_grad():
            for name, weight in average(adaptation.parameters()).items():
                adaptation.network.get_parameter(name).copy_(weight)
