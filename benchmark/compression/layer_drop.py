"""Removal of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.compression.base import Compression, Step
from benchmark.errors import Unsupported

if TYPE_CHECKING:
    from torch import nn

    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class LayerDrop(Compression):
    """Remove `count` blocks: the `last` ones, every `second` one, or the most `similar`.

    `second` starts with the second block. `similar` removes the blocks whose output is most similar
    to their input on the support set (frame-wise cosine, the block influence of Men et al. 2024,
    https://arxiv.org/abs/2403.03853).
    """

    paper: ClassVar[str] = "Fan et al., ICLR 2020, https://arxiv.org/abs/1909.11556, section 3.2"
    pattern: ClassVar[str | None] = r"layer_drop(?P<count>[1-9]\d?)"
    step: ClassVar[Step] = "structure"

    count: Annotated[int, Field(ge=1)] = 1
    which: Literal["last", "second", "similar"] = "last"

    @property
    def needs_speech(self) -> bool:
        return self.which == "similar"

    def compress(self, subject: Subject) -> Subject:
        from torch import nn

        from benchmark.compression.structure.drop import Drop

        network = subject.network()
        blocks = getattr(network, "blocks", None)
        if not isinstance(blocks, nn.ModuleList):
            raise Unsupported(f"{subject.architecture.model} has no blocks to remove")
        if self.count >= len(blocks):
            raise Unsupported(f"{self.count} of {len(blocks)} blocks cannot be removed")
        # The last block first, because removing a block renumbers those after it.
        edits = [Drop("blocks", i) for i in sorted(self._chosen(subject, blocks), reverse=True)]
        for edit in edits:
            edit.apply(network)
        return subject.rebuilt(subject.architecture.edited(*edits), network)

    def _chosen(self, subject: Subject, blocks: nn.ModuleList) -> list[int]:
        count = len(blocks)
        if self.which == "last":
            return list(range(count - self.count, count))
        if self.which == "second":
            if self.count > count // 2:
                raise Unsupported(f"of {count} blocks, every second one makes {count // 2} at most")
            return list(range(1, count, 2))[: self.count]
        from benchmark.compression.structure.similarity import similarities

        alike = similarities(subject.network(), subject.speech("layer_drop by similarity").task)
        return sorted(range(count), key=lambda i: (-alike[i], i))[: self.count]
