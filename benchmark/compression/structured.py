"""Structured pruning: whole channels and heads are taken away.

What is left is a dense network of smaller layers: a smaller file and less time on any runtime. It
costs more error than zeros do; `refit` after it wins much of that back.
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
    """Take away the `percent` of channels, and of attention heads, with the smallest weights.

    Channels that depend on each other (along a residual path, say) go together, by the mean of the
    norms of their weights. The input and the output layer's units stay. Shares are rounded up to
    whole channels, and to the nearest whole head.
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
