"""Meta-learnt low-rank adaptation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.maml import Maml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining


@dataclass(frozen=True)
class MetaLora(Maml):
    """MAML for the factors of LoRA and the output layer, over a frozen body.

    It is first order unless `first_order_share` is lowered. Adaptation starts from the learnt
    factors and merges them into the weights.
    """

    paper: ClassVar[str] = (
        "Hou et al. 2021, Meta-Adapter: Efficient Cross-Lingual Adaptation with Meta-Learning;"
        " with the factors of Hu et al. 2022, LoRA, in place of adapters"
    )
    search_space: ClassVar[SearchSpace] = {**Maml.search_space, "rank": (4, 8, 16)}

    first_order_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    rank: Annotated[int, Field(ge=1)] = 8
    alpha: Annotated[float, Field(gt=0)] = 16.0

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning import attachment, low_rank
        from benchmark.methods.learning.selection import head_parameters, trainable_only

        network = training.network
        low_rank.attach(network, self.rank, self.alpha)
        with trainable_only(
            network, attachment.attached_parameters(network) | head_parameters(network)
        ):
            super().meta_train(training)
        training.learnt.update(attachment.read(network))
        attachment.detach(network, merge=False)

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning import attachment, low_rank
        from benchmark.methods.learning.selection import head_parameters, trainable_only

        network = adaptation.network
        low_rank.attach(network, self.rank, self.alpha)
        attachment.write(network, adaptation.learnt)
        with trainable_only(
            network, attachment.attached_parameters(network) | head_parameters(network)
        ):
            super().adapt(adaptation)
        attachment.detach(network)
