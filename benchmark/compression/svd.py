"""Low-rank factorisation: a linear map as two thinner ones.

Fewer multiplications and fewer bytes, at the price of an error that is the smallest possible for
its rank. Depthwise convolutions and those over several points stay as they are: with factorised
depthwise kernels the network is lost.
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

    `svd50` keeps at most 50 % of the weights of each; `rank` gives all the same rank. A layer that
    would not have fewer weights stays, and so do the output layer and adapters. Both factors carry
    the square root of the singular values, so that learning goes on well from them.
    """

    paper: ClassVar[str] = "Xue, Li and Gong, Interspeech 2013, section 3"
    pattern: ClassVar[str | None] = r"svd(?P<keep>\d{1,2})?"
    step: ClassVar[Step] = "structure"

    keep: Annotated[float, Field(gt=0, lt=100)] | None = None
    rank: Annotated[int, Field(ge=1)] | None = None

    def __post_init__(self) -> None:
        if (self.keep is None) == (self.rank is None):
            raise ValueError("svd takes the share of weights to keep or a rank, and not both")

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
            raise Unsupported("svd: no layer would have fewer weights as two of this rank")
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

    Eckart and Young 1936. Both carry the square root of the singular values.
    """
    import torch

    # In float64, since this is done once and costs little.
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
