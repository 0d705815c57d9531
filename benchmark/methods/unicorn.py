"""MAML with one initial output vector for all units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.maml import Maml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.models.networks.base import SpeechNetwork
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Unicorn(Maml):
    """UNICORN-MAML: MAML whose output layer starts from one vector, the same for every unit.

    It needs more inner steps than MAML, because all units are initially the same.
    """

    paper: ClassVar[str] = (
        "Ye and Chao 2022, How to Train Your MAML to Excel in Few-Shot Classification"
    )
    search_space: ClassVar[SearchSpace] = {**Maml.search_space, "inner_steps": (3, 5, 10)}

    inner_steps: Annotated[int, Field(ge=0)] = 5

    def meta_train(self, training: MetaTraining) -> None:
        _tie(training.network)
        super().meta_train(training)

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning.selection import head_parameters

        gradients = dict(super().task_gradient(training, task, done))
        first = training.network.first_unit
        for name in head_parameters(training.network) & set(gradients):
            rows = gradients[name].clone()
            # Projecting the gradient onto weights with equal unit rows keeps these rows equal.
            rows[first:] = rows[first:].mean(0, keepdim=True)
            gradients[name] = rows
        return gradients

    def adapt(self, adaptation: Adaptation) -> None:
        _tie(adaptation.network)
        super().adapt(adaptation)


def _tie(network: SpeechNetwork) -> None:
    """Make all unit rows of the output layer their mean, in place."""
    import torch

    with torch.no_grad():
        for rows in network.output.parameters():
            rows[network.first_unit :] = rows[network.first_unit :].mean(0, keepdim=True)
