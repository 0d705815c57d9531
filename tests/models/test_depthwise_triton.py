"""Triton's kernels of depthwise convolutions against those of torch."""

from __future__ import annotations

import pytest
import torch
from interpreted import DEVICE, INTERPRETED, on_each_device, run_interpreted
from torch import Tensor
from torch.nn import functional

from benchmark.models.networks import depthwise as module
from benchmark.models.networks.depthwise import depthwise
from benchmark.models.networks.frames import FrameConv
from benchmark.stacking import joined, outside, split, stack

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:triton.runtime.interpreter")

SHAPES = [(1, 1, 1), (2, 5, 3), (2, 40, 70)]
"""Utterances, frames, channels."""


def draw(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype).to(DEVICE).requires_grad_()


def reference(frames: Tensor, weight: Tensor, stride: int) -> Tensor:
    padding, groups = weight.shape[2] // 2, len(weight)
    return functional.conv1d(
        frames.transpose(1, 2), weight, None, stride, padding, groups=groups
    ).transpose(1, 2)


def derivatives(outputs: Tensor, at: list[Tensor]) -> list[Tensor]:
    """The values of a function of the outputs that is not linear, its gradient, and the gradient of
    the norm of that."""
    first = torch.autograd.grad((outputs**3).sum(), at, create_graph=True)
    norm = torch.stack([(slope**2).sum() for slope in first]).sum()
    return [outputs, *first, *torch.autograd.grad(norm, at)]


@on_each_device
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_values_and_both_derivatives_are_those_of_torch(
    shape: tuple[int, int, int], stride: int
) -> None:
    torch.manual_seed(0)
    for kernel in (1, 5):
        at = [draw(*shape), draw(shape[2], 1, kernel)]
        ours = derivatives(depthwise(*at, stride), at)
        torch.testing.assert_close(ours, derivatives(reference(*at, stride), at))


@on_each_device
def test_a_stack_convolves_with_the_weights_of_each_learner() -> None:
    torch.manual_seed(0)
    at = [draw(3, 2, 9, 4), draw(3, 4, 1, 3)]
    with stack(3):
        outputs = joined(depthwise(split(at[0]), split(at[1]), 2))
        with outside():
            together = derivatives(outputs, at)
    for i in range(3):
        own = [t[i].detach().requires_grad_() for t in at]
        alone = derivatives(reference(*own, 2), own)
        torch.testing.assert_close([t[i] for t in together], alone)


@on_each_device
def test_mixed_precision_has_its_type_and_about_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_kernels", lambda frames: True)
    torch.manual_seed(0)
    layer = FrameConv(6, 6, 5, groups=6).to(DEVICE)
    frames = draw(2, 20, 6, dtype=torch.float32)
    exact = derivatives(reference(frames, layer.weight, 1) + layer.bias, [frames, layer.weight])
    with torch.autocast(DEVICE, torch.bfloat16):
        outputs = layer(frames)
    assert outputs.dtype == torch.bfloat16
    mixed = derivatives(outputs.float(), [frames, layer.weight])
    for ours, truth in zip(mixed, exact, strict=True):
        assert (ours - truth).norm() < 0.02 * truth.norm()


@pytest.mark.skipif(INTERPRETED, reason="starts the interpreter")
def test_interpreted_on_a_cpu_all_of_this_holds() -> None:
    assert f"{3 * len(SHAPES) + 2} passed" in run_interpreted(__file__)
