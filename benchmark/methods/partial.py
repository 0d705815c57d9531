"""Fine-tuning of a part of the network."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.methods.learning.transfer import PartialTransfer
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Partial(PartialTransfer):
    """Joint training, then fine-tune the last blocks, or norms and biases; and the output layer.

    `blocks` is the number of blocks for `what: last_blocks`.
    """

    paper: ClassVar[str] = (
        "Ben Zaken et al. 2022, BitFit: Simple Parameter-efficient Fine-tuning for"
        " Transformer-based Masked Language-models"
    )
    adaptation_fields: ClassVar[frozenset[str]] = frozenset({"batch_size", "what", "blocks"})
    search_space: ClassVar[SearchSpace] = {
        **PartialTransfer.search_space,
        "what": ("last_blocks", "norms_and_biases"),
        "blocks": (1, 2, 3),
    }

    what: Literal["last_blocks", "norms_and_biases"] = "last_blocks"
    blocks: Annotated[int, Field(ge=1)] = 2

    def learning(self, network: SpeechNetwork) -> Collection[str]:
        from benchmark.methods.learning import selection

        if self.what == "last_blocks":
            return selection.last_parts(network, self.blocks)
        return selection.norms_and_biases(network) | selection.head_parameters(network)
