"""A compression setting of a suite: techniques in order, and when they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from benchmark.compression.base import Compression, Step
from benchmark.methods.base import Method

When = Literal["after", "before", "during"]
"""Whether compression follows adaptation, comes before it, so that the small model adapts, or is a
part of it, so that the model learns with what it will lose."""

ORDER: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True)
class Chain:
    """Techniques from left to right; `names` are what a suite calls them.

    `only` is a pattern of parameter names (`blocks.0.*`): what the chain does elsewhere is undone,
    which shows how sensitive one layer is. None for the whole network.
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
        """Why this order makes no sense, if it does not."""
        if self.only and (changing := [t for t in self.techniques if t.step == "structure"]):
            name = self.names[self.techniques.index(changing[0])]
            return f"{name} changes which layers there are and cannot be kept to {self.only}"
        for i in range(1, len(self.techniques)):
            before, after = self.techniques[i - 1].step, self.techniques[i].step
            first, second = self.names[i - 1], self.names[i]
            if ORDER.index(after) < ORDER.index(before):
                return (
                    f"{second} changes {_SETTLES[after]} and cannot follow {first}, which has "
                    f"settled {_SETTLES[before]}; write {second}+{first}"
                )
            if before == after == "code":
                return f"{second} cannot code again what {first} has coded"
        return None

    def wrong_time(self, method: Method) -> str | None:
        """Why it cannot happen when it is to for a method, if it cannot."""
        for name, technique in zip(self.names, self.techniques, strict=True):
            if self.when == "before" and technique.needs_speech:
                return f"{name} learns from the support set, which comes with adaptation"
            # What only writes values down otherwise takes nothing that could be learnt with.
            lossy = technique.step != "code"
            if self.when == "during" and lossy and (reason := technique.not_during()):
                return f"{name} cannot be a part of adaptation: {reason}"
        if self.when == "before" and not method.meta_trains:
            return "a method without meta-training leaves no initialisation to compress"
        return None

    def identity(self, links: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What identifies it in keys, from the identities of its techniques."""
        when = {} if self.when == "after" else {"when": self.when}
        only = {} if self.only is None else {"only": self.only}
        return {"chain": list(links), **when, **only}


_SETTLES: dict[Step, str] = {
    "structure": "which layers there are",
    "values": "values",
    "code": "how values are written down",
}
