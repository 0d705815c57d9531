"""Low-rank adaptation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.learning.transfer import Transfer
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation


@dataclass(frozen=True)
class Lora(Transfer):
    """Joint training, then train a low-rank update of every linear layer, and the output layer.

    The update, scaled by `alpha` / `rank`, is merged into the weights, so the artefact is no larger
    and no slower than that of other methods.
    """

    paper: ClassVar[str] = "Hu et al. 2022, LoRA: Low-Rank Adaptation of Large Language Models"
    adaptation_fields: ClassVar[frozenset[str]] = frozenset({"batch_size", "rank", "alpha"})
    search_space: ClassVar[SearchSpace] = {
        **Transfer.search_space,
        "rank": (4, 8, 16),
        "alpha": (8.0, 16.0, 32.0),
    }

    rank: Annotated[int, Field(ge=1)] = 8
    alpha: Annotated[float, Field(gt=0)] = 16.0

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning import attachment, low_rank
        from benchmark.methods.learning.selection import head_parameters, trainable_only

        network = adaptation.network
        low_rank.attach(network, self.rank, self.alpha)
        with trainable_only(
            network, attachment.attached_parameters(network) | head_parameters(network)
        ):
            super().adapt(adaptation)
        attachment.detach(network)
