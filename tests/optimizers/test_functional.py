"""Differentiable updates against optimizers that change weights in place, and their derivatives
against finite differences."""

from dataclasses import replace

import pytest
import torch

from benchmark.errors import Unsupported
from benchmark.optimizers.adagrad import Adagrad
from benchmark.optimizers.adam import Adam
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.gd import Gd
from benchmark.optimizers.lbfgs import Lbfgs
from benchmark.optimizers.lion import Lion
from benchmark.optimizers.momentum import Momentum
from benchmark.optimizers.muon import Muon
from benchmark.optimizers.nadam import NAdam
from benchmark.optimizers.nesterov import Nesterov
from benchmark.optimizers.radam import RAdam
from benchmark.optimizers.rmsprop import RmsProp
from benchmark.optimizers.sgd import Sgd
from benchmark.optimizers.soap import Soap
from benchmark.optimizers.stepping import adaptive
from benchmark.optimizers.stepping.functional import State, clipped
from benchmark.optimizers.stepping.muon import orthogonal

EXACT = [Gd, Sgd, Momentum, Nesterov, Adagrad, RmsProp, Adam, AdamW, NAdam, RAdam, Lion]
OPTIMIZERS = [*EXACT, Muon]


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
@pytest.mark.parametrize("kind", EXACT)
def test_ten_steps_equal_those_of_the_optimizer_in_place(kind, weight_decay):
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
            torch.testing.assert_close(parameters[name], p.detach(), rtol=1e-8, atol=1e-8)


def test_muon_equals_torch_but_for_its_rounding_to_bfloat16():
    optimizer = Muon(lr=0.05, weight_decay=0.1)
    reference = {name: torch.nn.Parameter(p) for name, p in start().items()}
    theirs = optimizer.build(reference.values())
    parameters, state = {name: p.requires_grad_() for name, p in start().items()}, State()
    for _ in range(5):
        theirs.zero_grad()
        loss(reference).backward()
        theirs.step()
        same_gradients = {name: p.grad for name, p in reference.items()}
        with torch.no_grad():
            parameters, state = optimizer.differentiable()(parameters, same_gradients, state)
    torch.testing.assert_close(parameters["b"], reference["b"].detach(), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(parameters["w"], reference["w"].detach(), rtol=0, atol=5e-3)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_muon_brings_singular_values_near_one(shape):
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape, dtype=torch.float64)))
    assert (values > 0.6).all() and (values < 1.3).all()


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

    with pytest.raises(
        Unsupported, match=r"Other .* inner loop .* not implemented in differentiable form"
    ):
        Other().differentiable()


@pytest.mark.parametrize(("kind", "reason"), [(Lbfgs, "line search"), (Soap, "eigenvectors")])
def test_an_optimizer_that_cannot_be_differentiable_says_why(kind, reason):
    with pytest.raises(Unsupported, match=reason):
        kind().differentiable()


def test_the_meta_gradient_through_the_learning_rate_agrees_with_finite_differences():
    def unrolled(lr):
        parameters, state = start(), State()
        parameters = {name: p.requires_grad_() for name, p in parameters.items()}
        for _ in range(3):
            step_gradients = gradients(parameters, create_graph=True)
            parameters, state = adaptive.nadam(parameters, step_gradients, state, lr=lr)
        return loss(parameters)

    assert torch.autograd.gradcheck(unrolled, torch.tensor(0.05).double().requires_grad_())


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
