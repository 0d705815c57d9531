"""Low-rank updates of linear layers (Hu et al., ICLR 2022, section 4.1)."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.methods.learning.attachment import Attachment
from benchmark.models.networks.base import SpeechNetwork


class LowRank(Attachment):
    """Replaces a weight W by W + alpha / rank * up @ down; `up` is initially zero."""

    def __init__(self, weight: Tensor, rank: int, alpha: float) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.scale = alpha / rank
        self.down = nn.Parameter(weight.new_empty(rank, inputs))
        self.up = nn.Parameter(weight.new_zeros(outputs, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, weight: Tensor) -> Tensor:
        """The changed weight, (outputs, inputs)."""
        changed: Tensor = weight + self.scale * (self.up @ self.down)
        return changed


def attach(network: SpeechNetwork, rank: int, alpha: float) -> None:
    """Give every linear layer of the body an update of this rank, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Linear) and module is not network.output:
            change = LowRank(module.weight, rank, alpha)
            parametrize.register_parametrization(module, "weight", change)
