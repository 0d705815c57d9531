"""Step sizes that are learnt, and adaptation that follows their proportions.

Meta-training keeps them as logarithms in `learnt`, one tensor per parameter of the network, so
that they stay positive and change in proportion; it leaves them there as plain factors.
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
    """Let step sizes learn, each `lr` to begin with, in the shape that a parameter asks for."""
    for name, p in learner.parameters().items():
        sizes = torch.full(shape(p), math.log(lr), dtype=p.dtype, device=p.device)
        learner.learnt[PREFIX + name] = nn.Parameter(sizes)


def finish(learner: Learner, reduce: Callable[[Tensor], Tensor]) -> None:
    """Turn logarithms into step sizes, reduced to what adaptation to any language can use.

    Units of the output layer differ between languages, so their rows share one mean.
    """
    head = {id(p) for p in learner.network.output.parameters()}
    for name, p in learner.parameters().items():
        sizes = reduce(learner.learnt[PREFIX + name].detach().exp())
        if id(p) in head and sizes.shape == p.shape:
            sizes = sizes[learner.network.first_unit :].mean(0, keepdim=True)
        learner.learnt[PREFIX + name] = nn.Parameter(sizes, requires_grad=False)


@contextmanager
def paced(learner: Learner) -> Iterator[None]:
    """Let each parameter move in proportion to its learnt step size, for a while.

    A weight is written as start + sqrt(r) * change, with r its step size in units of their mean,
    and the change is what learns: gradient descent with step size a then moves the weight by r * a
    times its gradient, and optimizers that scale steps by themselves move it by sqrt(r) of theirs.
    """
    network = learner.network
    sizes = {n: learner.learnt[PREFIX + n].detach().to(p) for n, p in learner.parameters().items()}
    total = sum(p.numel() for p in learner.parameters().values())
    mean = sum(float(sizes[n].expand_as(p).sum()) for n, p in learner.parameters().items()) / total
    for name, size in sizes.items():
        module, attribute = _place(network, name)
        start = getattr(module, attribute)
        parametrize.register_parametrization(
            module, attribute, _Paced(start.detach().clone(), (size / mean).sqrt())
        )
    yield
    detach(network)


class _Paced(Attachment):
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
