"""A compression setting of a suite: techniques in order, and when they are applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from benchmark.compression.base import Compression, Step
from benchmark.methods.base import Method

When = Literal["after", "before", "during"]
"""Whether compression follows adaptation, precedes it, so that the compressed model adapts, or is
part of it, so that the model is trained under compression."""

ORDER: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True)
class Chain:
    """Techniques from left to right; `names` are their names in the suite.

    `only` is a pattern of parameter names (`blocks.0.*`). The chain is undone for all other
    parameters, which shows the sensitivity of one layer. None means the whole network.
    """

    techniques: tuple[Compression, ...]
    names: tuple[str, ...]
    when: When = "after"
    only: str | None = None

    @property
    def needs_speech(self) -> bool:
        """Whether a technique uses the support set."""
        return any(technique.needs_speech for technique in self.techniques)

    def wrong_order(self) -> str | None:
        """Why this order is invalid; None if it is valid."""
        if self.only and (changing := [t for t in self.techniques if t.step == "structure"]):
            name = self.names[self.techniques.index(changing[0])]
            return (
                f"{name} changes the layers of the network and cannot be restricted to {self.only}"
            )
        for i in range(1, len(self.techniques)):
            before, after = self.techniques[i - 1].step, self.techniques[i].step
            first, second = self.names[i - 1], self.names[i]
            if ORDER.index(after) < ORDER.index(before):
                return (
                    f"{second} changes {_CHANGES[after]} and cannot follow {first}, which "
                    f"changes {_CHANGES[before]}; write {second}+{first}"
                )
            if before == after == "code":
                return f"{second} cannot encode weights that {first} has encoded"
        return None

    def wrong_time(self, method: Method) -> str | None:
        """Why the chain cannot be applied at this time for a method; None if it can."""
        for name, technique in zip(self.names, self.techniques, strict=True):
            if self.when == "before" and technique.needs_speech:
                return f"{name} learns from the support set, which is available only in adaptation"
            # Lossless techniques do not affect training.
            lossy = technique.step != "code"
            if self.when == "during" and lossy and (reason := technique.not_during()):
                return f"{name} cannot be part of adaptation: {reason}"
        if self.when == "before" and not method.meta_trains:
            return "a method without meta-training has no initialisation to compress"
        return None

    def identity(self, links: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Its identity in keys, from the identities of its techniques."""
        when = {} if self.when == "after" else {"when": self.when}
        only = {} if self.only is None else {"only": self.only}
        return {"chain": list(links), **when, **only}


_CHANGES: dict[Step, str] = {
    "structure": "layers",
    "values": "values",
    "code": "how values are stored",
}
