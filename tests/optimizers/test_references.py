"""The first ten steps of optimizers from libraries against their papers, on a quadratic."""

from dataclasses import replace

import pytest
import references
import torch

from benchmark.optimizers.adan import Adan
from benchmark.optimizers.lamb import Lamb
from benchmark.optimizers.lion import Lion
from benchmark.optimizers.prodigy import Prodigy
from benchmark.optimizers.schedulefree_adamw import ScheduleFreeAdamW
from benchmark.optimizers.shampoo import Shampoo
from benchmark.optimizers.soap import Soap
from benchmark.optimizers.sophia import Sophia
from benchmark.optimizers.stepping.stepper import Stepper

MATRIX = torch.randn(3, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
VECTOR = torch.randn(4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
MIXING = torch.tensor([[2, 0.5, 0], [0.5, 1, 0.3], [0, 0.3, 3]], dtype=torch.float64)


def gradient(weights):
    """Of a quadratic whose minimum is at one; the columns of a matrix are coupled."""
    return (weights - 1) @ MIXING if weights.ndim == 2 else 3 * (weights - 1)


def ours(optimizer, start, steps=10):
    """The weights after each step of the built optimizer, at its learning rate."""
    weights = torch.nn.Parameter(start.clone())
    constant = replace(optimizer, schedule="constant", warmup=0.0, clip=None)
    stepper, path = Stepper(constant, [weights], steps), []
    for _ in range(steps):
        weights.grad = gradient(weights.detach())
        stepper.step()
        path.append(weights.detach().clone())
    return torch.stack(path)


def theirs(rule, start, steps=10, **settings):
    weights = start.clone()
    reference = rule(weights, **settings)
    next(reference)
    path = []
    for _ in range(steps):
        weights += reference.send(gradient(weights))
        path.append(weights.clone())
    return torch.stack(path)


@pytest.mark.parametrize("start", [MATRIX, VECTOR], ids=["matrix", "vector"])
@pytest.mark.parametrize(
    ("optimizer", "rule", "settings"),
    [
        (Lion(lr=0.01, weight_decay=0.1), references.lion, {"weight_decay": 0.1}),
        (Adan(lr=0.01), references.adan, {}),
        (Lamb(lr=0.01), references.lamb, {}),
        (Soap(lr=0.01, weight_decay=0.0), references.soap, {}),
        (Prodigy(lr=1.0), references.prodigy, {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_ten_steps_are_those_of_the_paper(optimizer, rule, settings, start):
    reference = theirs(rule, start, lr=optimizer.lr, **settings)
    torch.testing.assert_close(ours(optimizer, start), reference, rtol=1e-4, atol=1e-6)
    assert not torch.allclose(reference[-1], start, atol=1e-8)


def test_shampoo_whitens_both_sides_of_a_large_matrix_and_leaves_vectors_to_sgd(monkeypatch):
    """Its library finds inverse roots by iteration, to three digits."""
    generator = torch.Generator().manual_seed(3)
    large = torch.randn(24, 24, generator=generator, dtype=torch.float64)
    monkeypatch.setitem(globals(), "MIXING", torch.eye(24, dtype=torch.float64) + 0.02 * large)
    for start in (large, VECTOR):
        reference = theirs(references.shampoo, start, lr=0.01)
        path = ours(Shampoo(lr=0.01), start)
        assert torch.dist(path[-1], reference[-1]) < 1e-3 * torch.dist(start, reference[-1])


def test_sophia_takes_the_clipped_newton_step_of_the_paper(monkeypatch):
    """The estimate of a diagonal Hessian is exact when all draws are one."""
    monkeypatch.setattr(torch, "randn_like", torch.ones_like)
    curvature = torch.tensor([4.0, 0.5, 1.0, 2.0], dtype=torch.float64)
    settings = Sophia(lr=0.02, gamma=3.0, period=1, schedule="constant", warmup=0.0, clip=None)
    weights = torch.nn.Parameter(VECTOR.clone())
    stepper = Stepper(settings, [weights], 10)
    reference, expected = references.sophia(VECTOR, 0.02, curvature, gamma=3.0), VECTOR
    next(reference)
    for _ in range(10):
        stepper.backward(0.5 * (curvature * (weights - 1) ** 2).sum())
        stepper.step()
        expected = expected + reference.send(curvature * (expected - 1))
        torch.testing.assert_close(weights.detach(), expected)


def test_schedule_free_ends_at_the_average_of_its_fast_weights():
    """Defazio et al. 2024, algorithm 1: z moves, x averages, y between them is where the
    gradient is taken."""
    optimizer = ScheduleFreeAdamW(lr=0.05)
    x = z = MATRIX.clone()
    second = torch.zeros_like(x)
    for t in range(1, 11):
        y = 0.1 * z + 0.9 * x
        g = gradient(y)
        second = 0.999 * second + 0.001 * g * g
        z = z - 0.05 * g / ((second / (1 - 0.999**t)).sqrt() + 1e-8)
        x = x + (z - x) / t
    torch.testing.assert_close(ours(optimizer, MATRIX)[-1], x, rtol=1e-9, atol=1e-9)
