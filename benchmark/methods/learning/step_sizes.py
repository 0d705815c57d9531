"""Learnt step sizes, and adaptation in proportion to them.

Meta-training keeps their logarithms in `learnt`, one tensor per parameter of the network, so that
they stay positive and change by factors. When it ends, `learnt` holds the step sizes themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.methods.learning.attachment import Attachment, detach
from benchmark.methods.learning.learner import Learner
from benchmark.models.networks.base import SpeechNetwork
from benchmark.optimizers.stepping.functional import State, Tensors, Updated

PREFIX = "step_size/"


def per_element(
    parameters: Tensors, gradients: Tensors, state: State, *, learnt: Tensors
) -> Updated:
    """Gradient descent with a step size for each weight (Meta-SGD, Li et al. 2017, equation 2)."""
    new = {
        name: p - learnt[PREFIX + name].exp() * gradients[name] for name, p in parameters.items()
    }
    return Updated(new, State(state.step + 1))


def per_step(parameters: Tensors, gradients: Tensors, state: State, *, learnt: Tensors) -> Updated:
    """Gradient descent with a step size for each parameter tensor and inner step (MAML++, LSLR)."""
    new = {
        name: p - learnt[PREFIX + name][state.step].exp() * gradients[name]
        for name, p in parameters.items()
    }
    return Updated(new, State(state.step + 1))


def start(learner: Learner, lr: float, shape: Callable[[Tensor], torch.Size]) -> None:
    """Make step sizes trainable, initially `lr`; `shape` maps a parameter to their shape."""
    for name, p in learner.parameters().items():
        sizes = torch.full(shape(p), math.log(lr), dtype=p.dtype, device=p.device)
        learner.learnt[PREFIX + name] = nn.Parameter(sizes)


def finish(learner: Learner, reduce: Callable[[Tensor], Tensor]) -> None:
    """Turn logarithms into step sizes that adaptation to any language can use.

    The units of the output layer differ between languages, so its rows share their mean step size.
    """
    head = {id(p) for p in learner.network.output.parameters()}
    for name, p in learner.parameters().items():
        sizes = reduce(learner.learnt[PREFIX + name].detach().exp())
        if id(p) in head and sizes.shape == p.shape:
            sizes = sizes[learner.network.first_unit :].mean(0, keepdim=True)
        learner.learnt[PREFIX + name] = nn.Parameter(sizes, requires_grad=False)


@contextmanager
def scaled_steps(learner: Learner) -> Iterator[None]:
    """Within this context each parameter moves in proportion to its learnt step size.

    A weight is written as start + sqrt(r) * change, where r is its step size divided by the mean
    step size, and the change is trained. Gradient descent with step size a then moves the weight by
    r * a times its gradient. Optimizers that normalise their steps move it by sqrt(r) times theirs.
    """
    network = learner.network
    sizes = {n: learner.learnt[PREFIX + n].detach().to(p) for n, p in learner.parameters().items()}
    total = sum(p.numel() for p in learner.parameters().values())
    mean = sum(float(sizes[n].expand_as(p).sum()) for n, p in learner.parameters().items()) / total
    for name, size in sizes.items():
        module, attribute = _place(network, name)
        start = getattr(module, attribute)
        parametrize.register_parametrization(
            module, attribute, _ScaledChange(start.detach().clone(), (size / mean).sqrt())
        )
    yield
    detach(network)


class _ScaledChange(Attachment):
    start: Tensor
    root: Tensor

    def __init__(self, start: Tensor, root: Tensor) -> None:
        super().__init__()
        self.register_buffer("start", start)
        self.register_buffer("root", root)

    def forward(self, changed: Tensor) -> Tensor:
        return self.start + self.root * (changed - self.start)


def _place(network: SpeechNetwork, name: str) -> tuple[nn.Module, str]:
    path, _, attribute = name.rpartition(".")
    return network.get_submodule(path), attribute
