"""Differentiable updates against torch.optim, and their derivatives against finite differences."""

from dataclasses import replace

import pytest
import torch

from benchmark.errors import Unsupported
from benchmark.optimizers.adam import Adam
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.gd import Gd
from benchmark.optimizers.momentum import Momentum
from benchmark.optimizers.nesterov import Nesterov
from benchmark.optimizers.sgd import Sgd
from benchmark.optimizers.stepping.functional import State, clipped

OPTIMIZERS = [Gd, Sgd, Momentum, Nesterov, Adam, AdamW]


def start() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "w": torch.randn(3, 2, generator=generator, dtype=torch.float64),
        "b": torch.randn(2, generator=generator, dtype=torch.float64),
    }


def loss(parameters) -> torch.Tensor:
    """Curved, coupled, and with its minimum away from zero."""
    w, b = parameters["w"], parameters["b"]
    return ((w.sum(0) + b - 1) ** 2).sum() + (w**4).sum() + torch.cos(b).sum()


def gradients(parameters, create_graph=False):
    values = torch.autograd.grad(
        loss(parameters), list(parameters.values()), create_graph=create_graph
    )
    return dict(zip(parameters, values, strict=True))


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_ten_steps_equal_those_of_torch(kind, weight_decay):
    optimizer = kind(lr=0.05, weight_decay=weight_decay)
    reference = {name: torch.nn.Parameter(p) for name, p in start().items()}
    theirs = optimizer.build(reference.values())
    parameters, state, update = start(), State(), optimizer.differentiable()
    for _ in range(10):
        theirs.zero_grad()
        loss(reference).backward()
        theirs.step()
        leaves = {name: p.requires_grad_() for name, p in parameters.items()}
        with torch.no_grad():
            step_gradients = gradients_with_graph(leaves)
            parameters, state = update(leaves, step_gradients, state)
        for name, p in reference.items():
            torch.testing.assert_close(parameters[name], p.detach(), rtol=1e-12, atol=1e-12)


def gradients_with_graph(parameters):
    with torch.enable_grad():
        return gradients(parameters)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_loss_after_three_steps_can_be_differentiated_with_respect_to_the_start(kind):
    update = kind(lr=0.05, weight_decay=0.1).differentiable()

    def unrolled(w, b):
        parameters, state = {"w": w, "b": b}, State()
        for _ in range(3):
            step_gradients = clipped(gradients(parameters, create_graph=True), 2.0)
            parameters, state = update(parameters, step_gradients, state)
        return loss(parameters)

    leaves = [p.requires_grad_() for p in start().values()]
    assert torch.autograd.gradcheck(unrolled, leaves)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_gradient_that_is_zero_has_finite_derivatives(kind):
    p = torch.ones(2, requires_grad=True)
    step_gradients = clipped({"p": p * 0}, 1.0)
    after = kind(lr=0.1).differentiable()({"p": p}, step_gradients, State()).parameters["p"]
    (slope,) = torch.autograd.grad(after.sum(), p)
    assert torch.isfinite(slope).all()


def test_clipping_scales_to_the_limit_and_no_further():
    big = {"a": torch.tensor([3.0]), "b": torch.tensor([4.0])}
    assert clipped(big, 1.0)["b"].item() == pytest.approx(0.8)
    assert clipped(big, 10.0)["b"].item() == 4.0
    assert clipped(big, None)["b"].item() == 4.0


def test_an_optimizer_without_a_differentiable_update_says_so():
    class Other(Optimizer):
        def build(self, parameters):
            return torch.optim.SGD(parameters)

    with pytest.raises(Unsupported, match="Other"):
        Other().differentiable()


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_lowers_a_curved_loss(kind):
    from benchmark.optimizers.stepping.stepper import Stepper

    parameters = {name: torch.nn.Parameter(p) for name, p in start().items()}
    first = loss(parameters).item()
    stepper = Stepper(replace(kind(), lr=0.05), parameters.values(), 100)
    for _ in range(100):
        loss(parameters).backward()
        stepper.step()
    assert loss(parameters).item() < 0.5 * first
