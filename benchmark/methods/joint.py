"""Joint multilingual training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.base import Method, Sampling
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.methods.learning.training import MetaTraining


@dataclass(frozen=True)
class Joint(Method):
    """Train on minibatches that mix all languages, then fine-tune.

    `train_batch` is the number of utterances per training step. `sampler` draws the language of
    each.
    """

    search_space: ClassVar[SearchSpace] = {**Method.search_space, "train_batch": (8, 16, 32)}

    train_batch: Annotated[int, Field(ge=1)] = 16
    sampler: Sampling = "uniform"

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning.mixing import train_jointly

        train_jointly(training, self.sampler, self.train_batch)
