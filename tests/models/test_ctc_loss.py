"""CTC against torch's own, a plain recursion, and finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from benchmark.data.vocabulary import frames_needed
from benchmark.models.networks.ctc_loss import ctc_loss, mean_ctc_loss

LENGTHS = torch.tensor([9, 7, 5, 4, 4])
TARGETS = torch.tensor([[1, 2, 3], [1, 1, 2], [2, 2, 2], [3, 0, 0], [1, 1, 1]])
TARGET_LENGTHS = torch.tensor([3, 3, 3, 0, 3])
FITS = torch.tensor([True, True, True, True, False])


def make_logits(scale: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    logits = scale * torch.randn(5, 9, 5, generator=generator, dtype=torch.float64)
    return logits.to(dtype).requires_grad_()


def own(logits: Tensor) -> Tensor:
    return mean_ctc_loss(logits, LENGTHS, TARGETS, TARGET_LENGTHS)


def native(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    return functional.ctc_loss(log_probs, targets, lengths, target_lengths, zero_infinity=True)


def plain(logits: Tensor, targets: list[int]) -> Tensor:
    """The forward variable of one utterance state by state, for autograd to differentiate."""
    log_probs = logits.log_softmax(-1)
    states = [0] + [label for unit in targets for label in (unit, 0)]
    ways: dict[int, Tensor] = {s: log_probs[0, states[s]] for s in range(min(2, len(states)))}
    for frame in log_probs[1:]:
        new = {}
        for s, label in enumerate(states):
            jump = s > 1 and label != 0 and label != states[s - 2]
            sources = [ways[p] for p in (s, s - 1, s - 2 if jump else -1) if p in ways]
            if sources:
                new[s] = torch.stack(sources).logsumexp(0) + frame[label]
        ways = new
    ends = [ways[s] for s in (len(states) - 1, len(states) - 2) if s in ways]
    return -torch.stack(ends).logsumexp(0)


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_value_and_gradient_are_those_of_torch(scale: float) -> None:
    logits = make_logits(scale)
    expected = native(logits, LENGTHS, TARGETS, TARGET_LENGTHS)
    torch.testing.assert_close(own(logits), expected)
    (gradient,) = torch.autograd.grad(own(logits), logits)
    (expected_gradient,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(gradient, expected_gradient)


def test_both_derivatives_agree_with_finite_differences() -> None:
    logits = make_logits()
    assert torch.autograd.gradcheck(own, (logits,))
    assert torch.autograd.gradgradcheck(own, (logits,))


def test_hessian_vector_product_is_that_of_the_plain_recursion() -> None:
    logits = make_logits()
    direction = torch.randn(logits.shape, generator=torch.Generator().manual_seed(1)).double()

    def product(loss: Tensor) -> Tensor:
        (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
        return torch.autograd.grad(gradient, logits, direction)[0]

    reference = sum(
        plain(logits[n, : LENGTHS[n]], TARGETS[n, : TARGET_LENGTHS[n]].tolist())
        for n in range(5)
        if FITS[n]
    )
    assert isinstance(reference, Tensor)
    losses = ctc_loss(logits, LENGTHS, TARGETS, TARGET_LENGTHS)
    torch.testing.assert_close(product(losses.sum()), product(reference))


def test_an_utterance_too_short_for_its_text_counts_for_nothing_and_is_found() -> None:
    logits = make_logits()
    losses = ctc_loss(logits, LENGTHS, TARGETS, TARGET_LENGTHS)
    (gradient,) = torch.autograd.grad(losses.sum(), logits, create_graph=True)
    (second,) = torch.autograd.grad(gradient.square().sum(), logits)
    needed = [frames_needed(TARGETS[n, : TARGET_LENGTHS[n]].tolist()) for n in range(5)]
    assert torch.equal(torch.tensor(needed) <= LENGTHS, FITS)
    assert torch.equal(losses != 0, FITS)
    assert torch.equal(gradient.abs().sum((1, 2)) != 0, FITS)
    assert second.isfinite().all()


def test_classes_ruled_out_by_a_mask_leave_every_derivative_finite() -> None:
    logits = make_logits()
    mask = torch.zeros(5, dtype=torch.float64)
    mask[4] = -float("inf")
    loss = own(logits + mask)
    (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
    (second,) = torch.autograd.grad(gradient.square().sum(), logits)
    assert loss.isfinite() and gradient.isfinite().all() and second.isfinite().all()
    torch.testing.assert_close(own(logits[:, :, :4]), loss)


def test_a_diverged_network_is_not_taken_for_a_short_utterance() -> None:
    assert own(make_logits() * float("nan")).isnan()


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_float32_keeps_its_precision_over_long_utterances(scale: float) -> None:
    torch.manual_seed(0)
    logits = scale * torch.randn(2, 400, 64)
    direction = torch.randn(2, 400, 64)
    targets = torch.randint(1, 64, (2, 120))
    lengths, target_lengths = torch.tensor([400, 390]), torch.tensor([120, 100])

    def derivatives(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        leaf = logits.to(dtype).requires_grad_()
        loss = ctc_loss(leaf, lengths, targets, target_lengths).sum()
        (gradient,) = torch.autograd.grad(loss, leaf, create_graph=True)
        (product,) = torch.autograd.grad(gradient, leaf, direction.to(dtype))
        return gradient.detach().double(), product.double()

    for single, double in zip(derivatives(torch.float32), derivatives(torch.float64), strict=True):
        torch.testing.assert_close(single, double, rtol=0, atol=1e-5 * scale)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_derivatives_of_the_cpu_the_same_each_time() -> None:
    def derivatives(device: str) -> list[Tensor]:
        logits = make_logits().detach().to(device).requires_grad_()
        arguments = (x.to(device) for x in (LENGTHS, TARGETS, TARGET_LENGTHS))
        loss = mean_ctc_loss(logits, *arguments)
        (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
        (second,) = torch.autograd.grad(gradient.square().sum(), logits)
        return [x.detach().cpu() for x in (loss, gradient, second)]

    first = derivatives("cuda")
    torch.testing.assert_close(first, derivatives("cpu"))
    assert all(torch.equal(a, b) for a, b in zip(first, derivatives("cuda"), strict=True))
