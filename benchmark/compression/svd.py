"""Low-rank factorisation of linear layers.

It saves multiplications and bytes. The approximation error is the smallest possible for the rank.
Depthwise convolutions and convolutions over several positions are unchanged: with factorised
depthwise kernels the network fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import Compression, Step
from benchmark.errors import Unsupported

if TYPE_CHECKING:
    from torch import Size, Tensor

    from benchmark.compression.chain.subject import Subject
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Svd(Compression):
    """Replace each linear layer and pointwise convolution by two of lower rank.

    `svd50` keeps at most 50 % of the weights of each; `rank` gives all layers the same rank. Layers
    that would not get fewer weights are unchanged, and so are the output layer and adapters. Each
    factor carries the square root of the singular values, so that training can continue.
    """

    paper: ClassVar[str] = "Xue, Li and Gong, Interspeech 2013, section 3"
    pattern: ClassVar[str | None] = r"svd(?P<keep>\d{1,2})?"
    step: ClassVar[Step] = "structure"

    keep: Annotated[float, Field(gt=0, lt=100)] | None = None
    rank: Annotated[int, Field(ge=1)] | None = None

    def __post_init__(self) -> None:
        if (self.keep is None) == (self.rank is None):
            raise ValueError("svd takes the share of weights to keep or a rank, not both")

    def compress(self, subject: Subject) -> Subject:
        from benchmark.compression.structure.factorise import Factorise

        network = subject.network()
        state, edits = network.state_dict(), []
        for name, shape in _factorisable(network).items():
            outputs, inputs = shape[0], shape[1:].numel()
            rank = self._rank(outputs, inputs)
            if rank * (outputs + inputs) >= outputs * inputs:
                continue
            edits.append(Factorise(name, rank))
            left, right = factorise(state.pop(f"{name}.weight").flatten(1), rank)
            state[f"{name}.0.weight"] = right.view(rank, *shape[1:])
            state[f"{name}.1.weight"] = left.view(outputs, rank, *shape[2:])
            if f"{name}.bias" in state:
                state[f"{name}.1.bias"] = state.pop(f"{name}.bias")
        if not edits:
            raise Unsupported("svd: no layer would have fewer weights after factorisation")
        architecture = subject.architecture.edited(*edits)
        factorised = architecture.build()
        factorised.load_state_dict(state)
        return subject.rebuilt(architecture, factorised)

    def _rank(self, outputs: int, inputs: int) -> int:
        if self.rank is not None:
            return self.rank
        assert self.keep is not None
        return max(1, int(self.keep / 100 * outputs * inputs / (outputs + inputs)))


def factorise(weight: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Two matrices (O, R) and (R, I) whose product is nearest to `weight` (O, I).

    Eckart and Young 1936. Each factor carries the square root of the singular values.
    """
    import torch

    # Float64, because it is done only once and costs little.
    left, values, right = torch.linalg.svd(weight.double(), full_matrices=False)
    root = values[:rank].sqrt()
    return (left[:, :rank] * root).float(), (root[:, None] * right[:rank]).float()


def _factorisable(network: SpeechNetwork) -> dict[str, Size]:
    """The shapes (O, I, ...) of the weights that may be factorised, by the name of the layer."""
    from benchmark.compression.structure.factorise import mixes_channels

    left_alone = {id(network.output)}
    left_alone |= {id(layer) for adapter in network.adapters() for layer in adapter.modules()}
    return {
        name: network.get_parameter(f"{name}.weight").shape
        for name, layer in network.named_modules()
        if mixes_channels(layer) and id(layer) not in left_alone
    }
