"""One-shot pruning: the least important weights are set to zero, without further training.

Zeros are left out of the file if that saves bytes. A mask takes one bit per weight, so for float32
it pays off from about one zero in 32. Networks run dense, so pruning saves no time.
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
    """Set weights to zero, and store them sparsely if that is smaller.

    It prunes linear layers and convolutions: the `percent` of weights with the lowest scores in the
    whole network or in each layer (`scope`), or all with a magnitude below `threshold`. The score
    is the magnitude, or the first-order change of the loss on the support set when the weight is
    removed: |weight * gradient|.
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
            raise ValueError("prune takes a percent or a threshold, not both")
        if self.threshold is not None and (self.scope, self.score) != ("global", "magnitude"):
            raise ValueError("a threshold applies to magnitudes, and is the same for all layers")

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
            return "it needs a percent"
        return None if self.score == "magnitude" else "gradual pruning uses magnitudes"

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
        """Weights without the lowest scores of the whole network, or of each layer."""
        from benchmark.compression.constraints.masks import keep_highest

        assert self.percent is not None
        kept = keep_highest(scores, self.percent, self.scope)
        return {name: w.masked(kept[name]) if name in kept else w for name, w in weights.items()}
