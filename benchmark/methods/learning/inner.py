"""The inner loop: adapt a copy of the weights to one task, and the gradient that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.methods.learning.task import Episode
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.stepping.functional import State, Update, clipped


def inner_loop(
    training: MetaTraining,
    parameters: Mapping[str, Tensor],
    batches: Iterable[Batch],
    update: Update,
    clip: float | None,
    second_order: bool,
) -> dict[str, Tensor]:
    """The parameters after one step of `update` per batch; the network stays as it is.

    With `second_order` the result is a differentiable function of `parameters`; without, it is a
    set of leaves that know nothing of them. `clip` is the largest norm of a step's gradient.
    """
    adapted = dict(parameters) if second_order else _leaves(parameters)
    state = State()
    for batch in batches:
        gradients = gradient(training.loss(batch, adapted), adapted, create_graph=second_order)
        with torch.set_grad_enabled(second_order):
            adapted, state = update(adapted, clipped(gradients, clip), state)
        if not second_order:
            adapted = _leaves(adapted)
    return adapted


def query_gradient(
    training: MetaTraining,
    episode: Episode,
    steps: int,
    update: Update,
    clip: float | None,
    second_order: bool,
) -> dict[str, Tensor]:
    """The gradient of the query loss after `steps` steps on the support set.

    With `second_order` with respect to the shared weights (MAML, Finn et al. 2017, equation 1);
    without, with respect to the adapted ones (FOMAML, section 5.2 of the same paper).
    """
    shared = training.parameters()
    adapted = inner_loop(training, shared, [episode.support] * steps, update, clip, second_order)
    return gradient(training.loss(episode.query, adapted), shared if second_order else adapted)


def gradient(
    loss: Tensor, parameters: Mapping[str, Tensor], create_graph: bool = False
) -> dict[str, Tensor]:
    """The gradient of `loss` by parameter name; zeros where the loss does not depend on one."""
    values = torch.autograd.grad(
        loss, list(parameters.values()), create_graph=create_graph, materialize_grads=True
    )
    return dict(zip(parameters, values, strict=True))


def _leaves(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: p.detach().requires_grad_() for name, p in parameters.items()}
