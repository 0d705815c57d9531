"""A context vector that modulates every normalisation of a network.

Feature-wise modulation (FiLM, Perez et al., AAAI 2018) after a norm is equivalent to a change of
the norm's own scale and shift. Here both are linear in the context, so that a learnt context can be
merged into the norms at no run-time cost.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.errors import Unsupported
from benchmark.methods.learning.attachment import Attachment
from benchmark.models.networks.base import SpeechNetwork


class Modulation(Attachment):
    """A scale or shift s becomes s + generator @ context."""

    def __init__(self, parameter: Tensor, context: nn.Parameter) -> None:
        super().__init__()
        size = len(context)
        self.context = context
        self.generator = nn.Parameter(parameter.new_empty(len(parameter), size))
        nn.init.normal_(self.generator, std=size**-0.5)

    def forward(self, parameter: Tensor) -> Tensor:
        """The changed scale or shift, (channels,)."""
        changed: Tensor = parameter + self.generator @ self.context
        return changed


def attach(network: SpeechNetwork, size: int) -> None:
    """Give `network` a context of `size` numbers, all zero, in place.

    Raises Unsupported for a network without norms.
    """
    norms = [m for m in network.modules() if isinstance(m, nn.LayerNorm | nn.GroupNorm)]
    norms = [norm for norm in norms if norm.weight.requires_grad]
    if not norms:
        raise Unsupported(f"{type(network).__name__} has no norms for a context to modulate")
    context = nn.Parameter(norms[0].weight.new_zeros(size))
    for norm in norms:
        for name in ("weight", "bias"):
            change = Modulation(getattr(norm, name), context)
            parametrize.register_parametrization(norm, name, change)


def name_of_context(network: SpeechNetwork) -> str:
    """The name of the context among the parameters of a network that has one attached."""
    context = next(m.context for m in network.modules() if isinstance(m, Modulation))
    return next(name for name, p in network.named_parameters() if p is context)
