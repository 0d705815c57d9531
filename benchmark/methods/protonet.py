"""Prototypical networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.base import Method
from benchmark.methods.fomaml import Fomaml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Protonet(Fomaml):
    """Prototypes: the score of a unit is the closeness of a frame to the mean frame of that unit.

    Frames are assigned to units by their posteriors under the current output layer (for a
    classifier of words, an utterance is assigned to its word). Meta-training needs no inner loop.
    Adaptation computes the output layer from the support set, then fine-tunes like any other
    method.
    """

    paper: ClassVar[str] = "Snell et al. 2017, Prototypical Networks for Few-shot Learning"
    own_inner_step: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {
        **Method.search_space,
        "outer_lr_scale": (0.1, 0.3, 1.0),
    }

    def task_cost(self, done: float) -> int:
        return self.support + self.query

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning import prototypes
        from benchmark.methods.learning.selection import body_parameters, trainable_only

        prototypes.start(training)
        with trainable_only(training.network, body_parameters(training.network)):
            super().meta_train(training)

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning import prototypes
        from benchmark.methods.learning.inner import gradient

        network = training.network
        support, query = training.episode(task, self.support, self.query)
        training.budget.spend(len(support))
        encoded = training.encode(support)
        layer = prototypes.layer(training, [(encoded, network.assign(encoded, support))])
        loss = training.loss(query, {"output.weight": layer.weight, "output.bias": layer.bias})
        gradients = gradient(loss, {**training.parameters(), **training.learnt})
        prototypes.drift(network, layer)
        return gradients

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.prototypes import write_prototypes

        write_prototypes(adaptation, self.batch_size)
        super().adapt(adaptation)
