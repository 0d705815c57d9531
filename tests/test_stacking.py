"""Code written for one learner computes for a stack of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from benchmark.stacking import joined, outside, split, stack, stack_size

LEARNERS = 3


def slopes(loss: Tensor, parameters: Sequence[Tensor], create_graph: bool = False) -> list[Tensor]:
    """The gradient of a loss, of one learner or of each in a stack."""
    losses, leaves = joined(loss), [joined(p) for p in parameters]
    with outside():
        found = torch.autograd.grad(losses.sum(), leaves, create_graph=create_graph)
    return [split(slope) for slope in found]


def loss_of(weight: Tensor, bias: Tensor, inputs: Tensor) -> Tensor:
    return (torch.nn.functional.linear(inputs, weight, bias).tanh() ** 2).mean()


def meta_gradient(weight: Tensor, bias: Tensor, inputs: Tensor) -> list[Tensor]:
    """The gradient of one learner's loss after two steps of gradient descent, through the steps."""
    now = [weight, bias]
    for _ in range(2):
        steps = slopes(loss_of(*now, inputs), now, create_graph=True)
        now = [p - 0.1 * step for p, step in zip(now, steps, strict=True)]
    return slopes(loss_of(*now, inputs), [weight, bias])


def test_a_stack_has_the_meta_gradient_of_each_learner() -> None:
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(LEARNERS, *shape, generator=generator, dtype=torch.float64)

    weight, bias, inputs = drawn(5, 4).requires_grad_(), drawn(5).requires_grad_(), drawn(7, 4)
    with stack(LEARNERS):
        together = [joined(g) for g in meta_gradient(split(weight), split(bias), split(inputs))]
    for i in range(LEARNERS):
        own = [t[i].detach().requires_grad_() for t in (weight, bias)]
        for whole, alone in zip(together, meta_gradient(*own, inputs[i]), strict=True):
            torch.testing.assert_close(whole[i], alone)


def test_a_tensor_that_all_learners_share_is_repeated() -> None:
    shared = torch.arange(4.0)
    with stack(LEARNERS):
        assert joined(shared).shape == (LEARNERS, 4)
    assert joined(shared) is shared


def test_the_leaf_of_a_stack_is_the_tensor_that_was_split() -> None:
    whole = torch.zeros(LEARNERS, 2, requires_grad=True)
    with stack(LEARNERS):
        assert joined(split(whole)).is_leaf
        assert stack_size() == LEARNERS
        with outside():
            assert stack_size() is None
    assert stack_size() is None


def test_random_numbers_shared_by_all_learners_are_refused() -> None:
    with stack(LEARNERS), pytest.raises(RuntimeError, match="random"):
        torch.rand_like(split(torch.zeros(LEARNERS, 2)))
