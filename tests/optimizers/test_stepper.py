"""The stepper clips, schedules and steps."""

import pytest
import torch

from benchmark.errors import Diverged
from benchmark.optimizers.sgd import Sgd
from benchmark.optimizers.stepping.stepper import Stepper


def parameter(*values: float) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))


def test_the_common_norm_of_all_gradients_is_clipped():
    one, other = parameter(0.0), parameter(0.0)
    stepper = Stepper(Sgd(lr=1, schedule="constant", warmup=0, clip=1), [one, other], 1)
    one.grad, other.grad = torch.full_like(one, 30), torch.full_like(other, 40)
    stepper.step()
    assert one.item() == pytest.approx(-0.6)
    assert other.item() == pytest.approx(-0.8)


def test_small_gradients_and_no_clipping_leave_the_gradient_alone():
    for clip, gradient in ((1.0, 0.5), (None, 50.0)):
        p = parameter(0.0)
        stepper = Stepper(Sgd(lr=1, schedule="constant", warmup=0, clip=clip), [p], 1)
        p.grad = torch.full_like(p, gradient)
        stepper.step()
        assert p.item() == pytest.approx(-gradient)


def test_the_schedule_scales_every_step():
    p = parameter(0.0)
    stepper = Stepper(Sgd(lr=1, schedule="linear", warmup=0, clip=None), [p], 4)
    steps = []
    for _ in range(4):
        before = p.item()
        p.grad = torch.ones_like(p)
        stepper.step()
        steps.append(before - p.item())
    assert steps == pytest.approx([1, 0.75, 0.5, 0.25])


def test_a_gradient_that_is_not_a_number_is_a_divergence_and_changes_nothing():
    p = parameter(2.0)
    stepper = Stepper(Sgd(), [p], 1)
    p.grad = torch.full_like(p, float("nan"))
    with pytest.raises(Diverged, match="step 1"):
        stepper.step()
    assert p.item() == 2.0
