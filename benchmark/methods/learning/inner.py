"""The inner loop: adaptation of a copy of the weights to one task, and its meta-gradient."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from benchmark.data.task import Episode
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.stepping.functional import State, Tensors, Update, clipped
from benchmark.parts import part
from benchmark.stacking import joined, outside, split

Loss = Callable[[Mapping[str, Tensor]], Tensor]
"""A loss as a function of the adapted parameters by name; all others are constant."""


def trajectory(
    parameters: Mapping[str, Tensor],
    losses: Iterable[Loss],
    update: Update,
    clip: float | None,
    second_order: bool,
) -> Iterator[dict[str, Tensor]]:
    """The parameters after each step of `update`, one per loss; the network is unchanged.

    They are differentiable functions of `parameters` and of the tensors that `update` binds.
    Without `second_order` the gradients of the steps are treated as constants. `clip` is the
    largest norm of a step's gradient.
    """
    adapted, state = dict(parameters), State()
    for loss in losses:
        # No tensor outlives its step, so a first-order step needs the memory of one gradient.
        adapted, state = update(
            adapted,
            clipped(gradient(loss(adapted), adapted, create_graph=second_order), clip),
            state,
        )
        adapted = {name: split(joined(value)) for name, value in adapted.items()}
        yield adapted


def inner_loop(
    parameters: Mapping[str, Tensor],
    losses: Iterable[Loss],
    update: Update,
    clip: float | None,
    second_order: bool,
) -> dict[str, Tensor]:
    """The last parameters of `trajectory`."""
    adapted = dict(parameters)
    for stop in trajectory(parameters, losses, update, clip, second_order):
        adapted = stop
    return adapted


def query_gradient(
    training: MetaTraining,
    episode: Episode,
    steps: int,
    update: Update,
    clip: float | None,
    second_order: bool,
    inner_names: Collection[str] | None = None,
) -> dict[str, Tensor]:
    """The gradient of the query loss after `steps` steps on the support set, with respect to the
    shared weights and everything in `training.learnt`.

    With `second_order` it is taken through the inner loop (MAML, Finn et al. 2017, equation 1),
    otherwise at the adapted weights (FOMAML, section 5.2 of the same paper). `inner_names` names
    the parameters that the inner loop adapts; None for all.
    """
    shared = training.parameters()
    start = {name: p for name, p in shared.items() if inner_names is None or name in inner_names}
    losses = [partial(training.loss, episode.support)] * steps
    adapted = inner_loop(start, losses, update, clip, second_order)
    return gradient(training.loss(episode.query, adapted), {**shared, **training.learnt})


def gradient(loss: Tensor, parameters: Tensors, create_graph: bool = False) -> dict[str, Tensor]:
    """The gradient of `loss` by parameter name; zeros for parameters that it does not depend on."""
    losses, at = joined(loss), [joined(p) for p in parameters.values()]
    with part("backward"), outside():
        values = torch.autograd.grad(
            losses.sum() if losses.ndim else losses,
            at,
            create_graph=create_graph,
            materialize_grads=True,
        )
    return {name: split(value) for name, value in zip(parameters, values, strict=True)}


def gradient_product(
    gradients: Tensor, parameters: Tensors, direction: Tensor
) -> dict[str, Tensor]:
    """The gradient of the product of gradients (P,) with a constant direction (P,), by name.

    The graph of the gradients is kept for further products.
    """
    slope, along, at = (
        joined(gradients),
        joined(direction),
        [joined(p) for p in parameters.values()],
    )
    with part("backward"), outside():
        values = torch.autograd.grad(slope, at, along, retain_graph=True, materialize_grads=True)
    return {name: split(value) for name, value in zip(parameters, values, strict=True)}


def leaves(tensors: Tensors) -> dict[str, Tensor]:
    """The same values as new variables, on which gradients end."""
    whole = {name: joined(t).detach() for name, t in tensors.items()}
    with outside():
        for tensor in whole.values():
            tensor.requires_grad_()
    return {name: split(tensor) for name, tensor in whole.items()}
