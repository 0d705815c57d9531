"""Structured pruning: removal of whole channels and heads.

The result is a dense network with smaller layers, which gives a smaller file and a lower latency in
every runtime. It loses more accuracy than unstructured pruning; `refit` recovers much of the loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import Compression, Step
from benchmark.errors import Unsupported

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Structured(Compression):
    """Remove the `percent` of channels, and of attention heads, with the smallest weights.

    Dependent channels (for example along a residual path) are removed together, ranked by the mean
    norm of their weights. Input features and output units are kept. Numbers of channels are rounded
    up, numbers of heads to the nearest.
    """

    paper: ClassVar[str] = "Fang et al., CVPR 2023, DepGraph, https://arxiv.org/abs/2301.12900"
    pattern: ClassVar[str | None] = r"structured(?P<percent>\d{1,2})"
    step: ClassVar[Step] = "structure"

    percent: Annotated[float, Field(gt=0, lt=100)] = 30

    def compress(self, subject: Subject) -> Subject:
        from benchmark.compression.structure.prune_channels import prune_channels
        from benchmark.compression.structure.resize import resizes

        architecture, network = subject.architecture, subject.network()
        prune_channels(
            network, architecture.input_type, architecture.num_features, self.percent / 100
        )
        edits = resizes(architecture.build(), network)
        smaller = architecture.edited(*edits)
        try:
            smaller.build().load_state_dict(network.state_dict())
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise Unsupported(f"{architecture.model} cannot be built narrower: {reason}") from None
        return subject.rebuilt(smaller, network)
