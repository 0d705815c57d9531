"""Layers of networks in a stack: none runs once per learner, each computes what it does alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from benchmark.data.batch import Batch
from benchmark.models.base import Model
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.models.networks.attention import SelfAttention, attend_fused, rotate
from benchmark.models.networks.base import SpeechNetwork
from benchmark.models.networks.frames import FrameConv, frame_mask
from benchmark.models.wav2vec2 import Wav2Vec2
from benchmark.stacking import joined, split, stack

MODELS: dict[str, Model] = {
    "conv": ConvCTC(channels=12, blocks=2, kernel=5, adapter=3),
    "conformer": ConformerCTC(dim=12, blocks=1, heads=2, ff=20, kernel=5, adapter=3),
    "conformer with group norm": ConformerCTC(
        dim=12, blocks=1, heads=2, ff=20, kernel=5, norm="group"
    ),
    "keyword": KeywordCNN(),
    "wav2vec2": Wav2Vec2(dim=16, layers=1, heads=2, ff=20, conv=6, freeze_features=False),
}
LENGTHS = torch.tensor([[40, 33], [12, 40], [40, 40]])
LEARNERS = len(LENGTHS)


class Scores(nn.Module):
    """The scores of a network as its call, for `functional_call`."""

    def __init__(self, network: SpeechNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor, lengths: Tensor) -> Tensor:
        nothing = torch.zeros(0)
        return self.network.scores(Batch(features, lengths, nothing, nothing)).frames


def learners(model: Model, dtype: torch.dtype) -> tuple[Scores, dict[str, Tensor], Tensor, Tensor]:
    """A network, the parameters (S, ...) of `LEARNERS` of its kind, their features and lengths."""
    scale, bands = (20, 1) if model.input_type == "waveform" else (1, 64)
    networks = []
    for seed in range(LEARNERS):
        torch.manual_seed(seed)
        networks.append(Scores(model.build(bands, 5).to(dtype)))
    drawn = torch.Generator().manual_seed(0)
    parameters = {
        name: torch.stack([network.get_parameter(name) for network in networks])
        for name, _ in networks[0].named_parameters()
    }
    # Adapters start as zeros, through which no gradient of theirs would be seen.
    parameters = {
        name: (p + 0.1 * torch.randn(p.shape, generator=drawn)).detach().to(dtype).requires_grad_()
        for name, p in parameters.items()
    }
    features = torch.randn(LEARNERS, 2, 40 * scale, bands, generator=drawn, dtype=dtype)
    return networks[0].eval(), parameters, features, LENGTHS * scale


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Model:
    return MODELS[request.param]


def test_no_operation_of_a_network_runs_once_per_learner(model: Model) -> None:
    network, parameters, features, lengths = learners(model, torch.float32)
    with warnings.catch_warnings(), stack(LEARNERS):
        warnings.filterwarnings("error", message="There is a performance drop")
        own = {name: split(p) for name, p in parameters.items()}
        functional_call(network, own, (split(features), split(lengths)))


def test_a_stack_computes_in_bfloat16_what_each_network_does(model: Model) -> None:
    network, parameters, features, lengths = learners(model, torch.float32)
    mixed = torch.autocast("cpu", torch.bfloat16, cache_enabled=False)
    with torch.no_grad(), stack(LEARNERS):
        own = {name: split(p) for name, p in parameters.items()}
        with mixed:
            scores = functional_call(network, own, (split(features), split(lengths)))
        together = joined(scores)
    for i in range(LEARNERS):
        own = {name: p[i].detach() for name, p in parameters.items()}
        exact = functional_call(network, own, (features[i], lengths[i]))
        error = (together[i].float() - exact).abs().max() / exact.abs().max()
        assert 0 < error < 0.03


def derivatives(outputs: Tensor, at: Sequence[Tensor]) -> list[Tensor]:
    """Those of a function of the outputs that is not linear: the gradient, and that of its norm."""
    first = torch.autograd.grad((outputs**3).sum(), at, create_graph=True)
    norm = torch.stack([(slope**2).sum() for slope in first]).sum()
    return [*first, *torch.autograd.grad(norm, at)]


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("bias", [True, False])
def test_a_convolution_in_time_is_the_same_in_a_stack(stride: int, groups: int, bias: bool) -> None:
    torch.manual_seed(0)
    layer = FrameConv(6, 6, kernel=5, stride=stride, groups=groups).double()
    if not bias:
        layer.bias = None
    names = [name for name, _ in layer.named_parameters()]
    whole = [torch.randn(LEARNERS, *p.shape).double() for p in layer.parameters()]
    whole = [t.requires_grad_() for t in (*whole, torch.randn(LEARNERS, 2, 11, 6).double())]

    def convolved(weights: Sequence[Tensor], frames: Tensor) -> Tensor:
        outputs: Tensor = functional_call(layer, dict(zip(names, weights, strict=True)), frames)
        return outputs

    with stack(LEARNERS):
        *weights, frames = (split(t) for t in whole)
        together = joined(convolved(weights, frames))
    slopes = derivatives(together, whole)
    for i in range(LEARNERS):
        *weights, frames = own = [t[i].detach().requires_grad_() for t in whole]
        alone = convolved(weights, frames)
        torch.testing.assert_close(together[i], alone)
        for slope, single in zip(slopes, derivatives(alone, own), strict=True):
            torch.testing.assert_close(slope[i], single)


def test_fused_attention_is_that_written_out_alone_and_in_a_stack() -> None:
    torch.manual_seed(0)
    layer = SelfAttention(8, heads=2)
    frames = torch.randn(LEARNERS, 2, 7, 8)
    masks = frame_mask(torch.tensor([[7, 3], [1, 7], [5, 6]]).flatten(), 7).view(LEARNERS, 2, 7, 1)

    def fused(frames: Tensor, mask: Tensor) -> Tensor:
        parts = (layer.query(frames), layer.key(frames), layer.value(frames))
        query, key, value = (part.view(2, 7, 2, 4).transpose(1, 2) for part in parts)
        mixed = attend_fused(rotate(query), rotate(key), value, mask)
        outputs: Tensor = layer.output(mixed.transpose(1, 2).flatten(2))
        return outputs

    with stack(LEARNERS):
        together = joined(fused(split(frames), split(masks)))
    for i in range(LEARNERS):
        alone = layer(frames[i], masks[i])
        torch.testing.assert_close(fused(frames[i], masks[i]), alone)
        torch.testing.assert_close(together[i], alone)
