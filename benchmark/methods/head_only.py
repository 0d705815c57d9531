"""A linear probe."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.methods.learning.transfer import PartialTransfer

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class HeadOnly(PartialTransfer):
    """Joint training, then train only the output layer on frozen hidden frames."""

    def learning(self, network: SpeechNetwork) -> Collection[str]:
        from benchmark.methods.learning.selection import head_parameters

        return head_parameters(network)
