"""The stepper clips, schedules and steps."""

import pytest
import torch

from benchmark.errors import Diverged, Unsupported
from benchmark.optimizers.adafactor import Adafactor
from benchmark.optimizers.adam import Adam
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.lbfgs import Lbfgs
from benchmark.optimizers.momentum import Momentum
from benchmark.optimizers.muon import Muon
from benchmark.optimizers.sgd import Sgd
from benchmark.optimizers.shampoo import Shampoo
from benchmark.optimizers.sophia import Sophia
from benchmark.optimizers.stepping.curvature import hutchinson
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


def test_curvature_is_the_diagonal_of_the_hessian_on_average():
    torch.manual_seed(0)
    p = parameter(0.5, -1.0)
    draws = []
    for _ in range(2000):
        loss = (p**4).sum() + 3 * p[0] * p[1]
        gradients, curvature = hutchinson(loss, [p])
        draws.append(curvature[0])
    torch.testing.assert_close(gradients[0], 4 * p.detach() ** 3 + 3 * p.detach().flip(0))
    exact = torch.tensor([3.0, 12.0], dtype=torch.float64)
    torch.testing.assert_close(torch.stack(draws).mean(0), exact, rtol=0.15, atol=0)


def test_curvature_is_estimated_only_in_the_steps_that_want_it():
    p = parameter(1.0)
    stepper = Stepper(Sophia(period=2), [p], 4)
    renewed = []
    for _ in range(4):
        before = stepper.optimizer.state.get(p, {}).get("hessian")
        stepper.backward((p**2).sum())
        stepper.step()
        renewed.append(stepper.optimizer.state[p]["hessian"] is not before)
    assert renewed == [True, False, True, False]


def test_an_outer_loop_that_hands_over_gradients_cannot_use_curvature():
    p = parameter(1.0)
    stepper = Stepper(Sophia(), [p], 1)
    p.grad = torch.ones_like(p)
    with pytest.raises(Unsupported, match="Sophia needs the curvature"):
        stepper.step()


def test_a_line_search_cannot_be_stepped_batch_by_batch():
    with pytest.raises(Unsupported, match="Lbfgs minimises one fixed loss"):
        Stepper(Lbfgs(), [parameter(1.0)], 1)


def test_what_an_optimizer_keeps_is_counted_in_bytes():
    size = {}
    for optimizer in (Sgd(), Momentum(), AdamW(), Muon(), Shampoo(), Adafactor()):
        p = torch.nn.Parameter(torch.ones(32, 64))
        stepper = Stepper(optimizer, [p], 1)
        p.grad = torch.ones_like(p)
        stepper.step()
        size[type(optimizer)] = stepper.cost()["optimizer_state_bytes"] / (4 * p.numel())
    assert size[Sgd] == 0
    assert size[Momentum] == 1
    assert size[Muon] == 1
    assert size[AdamW] == pytest.approx(2, abs=0.01)
    assert size[Adafactor] < 0.1
    # Two momenta, and for each side its statistics and their root.
    assert size[Shampoo] == pytest.approx(2 + 2 * (32**2 + 64**2) / (32 * 64), abs=0.01)


def test_the_time_of_a_step_is_measured():
    p = parameter(1.0)
    stepper = Stepper(Sgd(), [p], 1)
    p.grad = torch.ones_like(p)
    stepper.step()
    assert stepper.cost()["optimizer_step_seconds"] > 0


@pytest.mark.parametrize("kind", [Adam, AdamW, Sgd])
def test_a_gradient_of_another_layout_moves_the_weights_that_it_is_of(kind: type[Optimizer]):
    """Autograd returns the gradients of convolutions channels-last, and fused updates take memory
    as it comes."""
    settings = kind(lr=0.1, schedule="constant", warmup=0.0, clip=None)
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(6, 4, 5, generator=generator)
    gradient = torch.randn(6, 5, 4, generator=generator).transpose(1, 2)
    assert gradient.stride() != weights.stride()
    moved, expected = (torch.nn.Parameter(weights.clone()) for _ in range(2))
    stepper = Stepper(settings, [moved], 3)
    reference = settings.build([expected])
    reference.param_groups[0] |= {"fused": False, "foreach": False}
    for _ in range(3):
        stepper.add([gradient], 1)
        assert moved.grad.stride() == moved.stride()
        stepper.step()
        expected.grad = gradient.contiguous()
        reference.step()
    torch.testing.assert_close(moved, expected)
