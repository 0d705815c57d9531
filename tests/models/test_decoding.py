"""Greedy decoding and the parts of networks with a closed form to compare with."""

from __future__ import annotations

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch.nn import functional

from benchmark.errors import UserError
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.models.networks.attention import SelfAttention, rotate
from benchmark.models.networks.ctc_network import collapse
from benchmark.models.networks.frames import FrameConv
from benchmark.models.networks.keyword import PICTURE, picture


def test_repeats_collapse_unless_a_blank_stands_between() -> None:
    decoded = collapse(torch.tensor([0, 3, 3, 0, 3, 1, 1, 0]))
    assert decoded.units == [2, 2, 0]
    assert decoded.blank_fraction == pytest.approx(3 / 8)


def test_silence_has_no_units() -> None:
    assert collapse(torch.zeros(4, dtype=torch.long)) == ([], 1.0)


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_over_frames_is_conv1d(stride: int) -> None:
    layer = FrameConv(6, 6, kernel=5, stride=stride, groups=3)
    frames = torch.randn(2, 11, 6)
    expected = functional.conv1d(
        frames.transpose(1, 2), layer.weight, layer.bias, stride, padding=2, groups=3
    )
    torch.testing.assert_close(layer(frames), expected.transpose(1, 2))


def test_attention_is_that_of_torch_over_rotated_queries_and_keys() -> None:
    layer = SelfAttention(8, heads=2)
    frames = torch.randn(2, 5, 8)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).bool()[:, :, None]

    def heads(linear: torch.nn.Linear) -> torch.Tensor:
        return linear(frames).unflatten(2, (2, 4)).transpose(1, 2)

    expected = functional.scaled_dot_product_attention(
        rotate(heads(layer.query)),
        rotate(heads(layer.key)),
        heads(layer.value),
        attn_mask=mask.transpose(1, 2)[:, None],
    )
    torch.testing.assert_close(
        layer(frames, mask), layer.output(expected.transpose(1, 2).flatten(2))
    )


def test_rotated_products_depend_on_distance_alone() -> None:
    query, key = rotate(torch.randn(8).expand(50, 8)), rotate(torch.randn(8).expand(50, 8))
    torch.testing.assert_close(query[3] @ key[10], query[33] @ key[40])


@pytest.mark.parametrize("length", [1, 20, 64, 150])
def test_pictures_are_linear_interpolations_of_an_utterances_own_frames(length: int) -> None:
    features = torch.randn(1, 150, 64)
    expected = functional.interpolate(
        features[:, :length].transpose(1, 2), size=PICTURE, mode="linear"
    )
    torch.testing.assert_close(picture(features, torch.tensor([length])), expected)


def test_the_classifier_says_which_features_it_needs() -> None:
    with pytest.raises(UserError, match="64 mel bands, not 40"):
        KeywordCNN().build(40, 10)


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        (ConvCTC, {"kernel": 4}, "kernel must be odd"),
        (ConformerCTC, {"kernel": 4}, "kernel must be odd"),
        (ConformerCTC, {"dim": 100, "heads": 3}, "multiple of 2"),
        (ConvCTC, {"channels": 0}, "greater than or equal to 1"),
    ],
)
def test_impossible_sizes_are_refused_when_a_suite_is_read(
    model: type, settings: dict[str, int], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(model).validate_python(settings)
