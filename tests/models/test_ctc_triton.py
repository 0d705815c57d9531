"""Triton's kernels of CTC against the vectorised reference."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from interpreted import DEVICE, INTERPRETED, on_each_device, run_interpreted
from torch import Tensor

from benchmark.models.networks import ctc_loss, ctc_recursion

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:triton.runtime.interpreter")


def on_a_card(test):  # type: ignore[no-untyped-def]
    missing = INTERPRETED or not torch.cuda.is_available()
    return pytest.mark.gpu(pytest.mark.skipif(missing, reason="needs a CUDA device")(test))


@pytest.fixture
def kernels() -> ModuleType:
    pytest.importorskip("triton")
    from benchmark.models.networks import ctc_triton

    return ctc_triton


Texts = tuple[Tensor, Tensor, Tensor]
"""Lengths, targets, lengths of targets."""

FITTING, IMPOSSIBLE = [1, 2, 3, 1, 1, 2], [1, 1, 2, 2] * 5
CASES: dict[str, list[tuple[int, list[int]]]] = {
    "one frame": [(1, [2]), (1, []), (1, [1, 2])],
    "two frames": [(2, [1, 2]), (2, [1, 1]), (2, [3]), (2, []), (1, [3])],
    "padding, repeats, and a text that cannot fit": [
        (17, FITTING),
        (9, FITTING),
        (17, IMPOSSIBLE),
        (17, []),
        (1, [3]),
        (13, [1, 1, 1, 1, 1, 1, 1]),
    ],
    "no text at all": [(5, []), (3, [])],
    "many units": [(60, [1 + i * i % 5 for i in range(40)]), (20, [2, 3, 4])],
    "many frames": [(300, FITTING)],
}


def texts_of(utterances: list[tuple[int, list[int]]]) -> Texts:
    longest = max(len(text) for _, text in utterances)
    targets = [text + [7] * (longest - len(text)) for _, text in utterances]
    return (
        torch.tensor([length for length, _ in utterances], device=DEVICE),
        torch.tensor(targets, dtype=torch.int64, device=DEVICE).view(len(targets), longest),
        torch.tensor([len(text) for _, text in utterances], device=DEVICE),
    )


def draw(texts: Texts, dtype: torch.dtype, num_classes: int = 8) -> tuple[Tensor, Tensor]:
    """Scores before softmax with two frames of padding, and a direction."""
    generator = torch.Generator().manual_seed(0)
    shape = 2, len(texts[0]), int(texts[0].max()) + 2, num_classes
    drawn = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
    logits, direction = drawn.to(DEVICE, dtype)
    return logits, direction


def results(
    recursion: ModuleType, log_probs: Tensor, direction: Tensor, texts: Texts
) -> tuple[Tensor, Tensor, Tensor]:
    """Value, gradient and tangent."""
    losses, saved = recursion.losses(log_probs, *texts)
    tangent = recursion.tangent(direction, log_probs, saved)
    return losses, recursion.posteriors(log_probs, saved), tangent


def assert_same(kernels: ModuleType, log_probs: Tensor, direction: Tensor, texts: Texts) -> None:
    expected = results(ctc_recursion, log_probs, direction, texts)
    found = results(kernels, log_probs, direction, texts)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)
        assert one.isfinite().all()


@on_each_device
@pytest.mark.parametrize(
    ("case", "dtype"),
    [*((case, torch.float32) for case in CASES), ("many units", torch.float64)],
)
def test_value_gradient_and_tangent_are_those_of_the_reference(
    kernels: ModuleType, case: str, dtype: torch.dtype
) -> None:
    texts = texts_of(CASES[case])
    logits, direction = draw(texts, dtype)
    assert_same(kernels, logits.log_softmax(-1), direction, texts)


@on_each_device
def test_scores_far_apart_and_classes_ruled_out_are_those_of_the_reference(
    kernels: ModuleType,
) -> None:
    texts = texts_of(CASES["padding, repeats, and a text that cannot fit"])
    logits, direction = draw(texts, torch.float64)
    assert_same(kernels, (30 * logits).log_softmax(-1), direction, texts)
    logits[:, 3:9, 2] = -float("inf")
    assert_same(kernels, logits.log_softmax(-1), direction, texts)


@on_each_device
def test_a_diverged_utterance_does_not_spoil_the_others(kernels: ModuleType) -> None:
    texts = texts_of([(6, [1, 2]), (6, [1, 2])])
    logits, direction = draw(texts, torch.float64)
    logits[0] = float("nan")
    found = results(kernels, logits.log_softmax(-1), direction, texts)
    assert found[0][0].isnan()
    assert all(result[1].isfinite().all() for result in found)


@on_each_device
def test_both_derivatives_agree_with_finite_differences(
    kernels: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctc_loss, "recursion_for", lambda device, num_units: kernels)
    texts = texts_of([(5, [1, 1, 2]), (4, [3]), (2, [1, 1])])
    logits = draw(texts, torch.float64, num_classes=4)[0].requires_grad_()

    def loss(logits: Tensor) -> Tensor:
        return ctc_loss.mean_ctc_loss(logits, *texts)

    assert torch.autograd.gradcheck(loss, (logits,), fast_mode=True)
    assert torch.autograd.gradgradcheck(loss, (logits,), fast_mode=True)


@pytest.mark.skipif(INTERPRETED, reason="starts the interpreter")
def test_interpreted_on_a_cpu_all_of_this_holds() -> None:
    assert f"{len(CASES) + 4} passed" in run_interpreted(__file__)


@on_a_card
@pytest.mark.parametrize(
    ("num_units", "num_frames", "num_classes"), [(400, 1500, 257), (60, 200, 3000)]
)
def test_long_texts_and_many_classes_are_those_of_the_reference(
    kernels: ModuleType, num_units: int, num_frames: int, num_classes: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    text = torch.randint(1, num_classes, (num_units,), generator=generator).tolist()
    texts = texts_of([(num_frames, text), (num_frames - 9, text[:9]), (num_frames // 2, text)])
    logits, direction = draw(texts, torch.float32, num_classes)
    assert_same(kernels, logits.log_softmax(-1), direction, texts)


@on_a_card
def test_a_captured_graph_gives_the_same_bits_each_time(kernels: ModuleType) -> None:
    texts = texts_of(CASES["many units"])
    logits, direction = draw(texts, torch.float32)
    logits.requires_grad_()

    def derivatives() -> list[Tensor]:
        loss = ctc_loss.mean_ctc_loss(logits, *texts)
        (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
        return [
            loss.detach(),
            gradient.detach(),
            torch.autograd.grad(gradient, logits, direction)[0],
        ]

    assert ctc_loss.recursion_for(logits.device, 40) is kernels
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        derivatives()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = derivatives()
    for _ in range(3):
        with torch.no_grad():
            logits.add_(1.5 * direction)
        graph.replay()
        assert all(torch.equal(a, b) for a, b in zip(captured, derivatives(), strict=True))
