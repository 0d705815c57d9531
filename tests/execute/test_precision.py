"""The precision of a suite is that of its arithmetic, and ends with the stage."""

from __future__ import annotations

import pytest
import torch

from benchmark.execute.networks import reproducible
from benchmark.suite.schema import Precision


def rounds() -> tuple[bool, bool]:
    """Whether products of matrices and convolutions may be rounded on a GPU."""
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_only_tf32_rounds_what_is_multiplied_and_only_in_its_stage(precision: Precision) -> None:
    before = rounds()
    with reproducible(0, precision):
        assert rounds() == ((precision == "tf32"),) * 2
    assert rounds() == before


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(
    ("precision", "least", "most"), [("fp32", 0.0, 2e-6), ("tf32", 1e-5, 2e-3)]
)
def test_convolutions_and_products_have_the_precision_asked_for(
    precision: Precision, least: float, most: float
) -> None:
    drawn = torch.Generator().manual_seed(0)
    matrix = torch.randn(512, 512, generator=drawn)
    image = torch.randn(4, 64, 16, 64, generator=drawn)
    kernel = torch.randn(64, 64, 3, 3, generator=drawn)
    exact = [matrix.double() @ matrix.double(), torch.conv2d(image.double(), kernel.double())]
    with reproducible(0, precision):
        found = [matrix.cuda() @ matrix.cuda(), torch.conv2d(image.cuda(), kernel.cuda())]
    for ours, truth in zip(found, exact, strict=True):
        error = (ours.cpu().double() - truth).norm() / truth.norm()
        assert least <= error < most
