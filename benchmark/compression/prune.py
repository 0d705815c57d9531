"""Pruning: the weights that matter least become zero, once and without training again.

Zeros are left out of the file where that saves bytes (one bit marks each weight), which begins at
about one in 32 for float32. Networks run dense, so pruning saves no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.compression.chain.subject import Subject
    from benchmark.compression.constraints.constraint import Constraint
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Prune(WeightCompression):
    """Set weights to zero, and store them sparse where that is smaller.

    Of linear layers and convolutions: the `percent` of the whole network that score lowest, or of
    each layer, or all with a magnitude below `threshold`. The score is the magnitude, or what the
    loss on the support set loses with the weight, to first order: |weight * gradient|.
    """

    paper: ClassVar[str] = (
        "Han et al. 2015, https://arxiv.org/abs/1506.02626;"
        " gradient: Lee et al. 2019, https://arxiv.org/abs/1810.02340"
    )
    pattern: ClassVar[str | None] = r"prune(?P<percent>\d{1,2})?"
    added_fields: ClassVar[tuple[str, ...]] = ("scope", "score")

    percent: Annotated[float, Field(gt=0, lt=100)] | None = None
    threshold: Annotated[float, Field(gt=0)] | None = None
    scope: Literal["global", "layer"] = "global"
    score: Literal["magnitude", "gradient"] = "magnitude"

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.threshold is None):
            raise ValueError("prune takes a percent or a threshold, and not both")
        if self.threshold is not None and (self.scope, self.score) != ("global", "magnitude"):
            raise ValueError("a threshold is one of magnitude, and the same for all layers")

    @property
    def needs_speech(self) -> bool:
        return self.score == "gradient"

    def compress(self, subject: Subject) -> Subject:
        if self.score == "magnitude":
            return super().compress(subject)
        from benchmark.compression.calibration.gradients import mean_gradients

        gradients = mean_gradients(subject, "pruning by gradient")
        scores = {
            name: (w.values * gradients[name]).abs()
            for name, w in subject.weights.items()
            if w.is_matrix and name in gradients
        }
        return subject.with_weights(self._pruned(subject.weights, scores))

    def not_during(self) -> str | None:
        if self.percent is None:
            return "it needs a percent to approach"
        return None if self.score == "magnitude" else "it goes by magnitude there"

    def during(self) -> Constraint:
        from benchmark.compression.constraints.masks import GradualPruning

        assert self.percent is not None
        return GradualPruning(self.percent, self.scope)

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.weight import change_matrices
        from benchmark.errors import Unsupported

        if self.score == "gradient":
            raise Unsupported("pruning by gradient needs a network and speech, not weights alone")
        if self.threshold is not None:
            limit = self.threshold
            return change_matrices(weights, lambda w: w.masked(w.values.abs() >= limit))
        return self._pruned(weights, {n: w.values.abs() for n, w in weights.items() if w.is_matrix})

    def _pruned(self, weights: dict[str, Weight], scores: dict[str, Tensor]) -> dict[str, Weight]:
        """Without the lowest scores of the whole network, or of each layer."""
        from benchmark.compression.constraints.masks import keep_highest

        assert self.percent is not None
        kept = keep_highest(scores, self.percent, self.scope)
        return {name: w.masked(kept[name]) if name in kept else w for name, w in weights.items()}
