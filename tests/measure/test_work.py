"""Work is what the layers of a network say, and its share of the roofline follows."""

import pytest
import torch
from torch import nn

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.channels import attentions
from benchmark.data.batch import Batch
from benchmark.measure.roofline import Roof, measure_roof
from benchmark.measure.work import count_work
from benchmark.models.networks.base import Encoded
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.registry import COMPRESSIONS, MODELS


class TwoLayers(CTCNetwork):
    """A strided convolution and a linear layer, whose work is easy to write down."""

    def __init__(self) -> None:
        super().__init__(width=8, num_units=4)
        self.convolution = nn.Conv1d(6, 8, kernel_size=3, stride=2, padding=1)

    def hidden(self, features, lengths):
        return Encoded(self.convolution(features.transpose(1, 2)).transpose(1, 2), lengths // 2)

    def parts(self):
        return [self.convolution]


def batch_of(frames, features):
    nothing = torch.zeros(1, 0, dtype=torch.int64)
    return Batch(torch.rand(1, frames, features), torch.tensor([frames]), nothing, nothing.sum(1))


def test_work_of_a_convolution_and_a_linear_layer_is_their_closed_form():
    work = count_work(TwoLayers(), batch_of(20, 6))
    convolved, out = 10, 5
    assert work.flops == 2 * convolved * 8 * 6 * 3 + 2 * convolved * 8 * out
    assert work.weights == 8 * 6 * 3 + 8 + 8 * out + out
    read_and_written = 20 * 6 + convolved * 8 + convolved * 8 + convolved * out
    assert work.activation_bytes == 4 * read_and_written


@pytest.mark.parametrize("model", ["conv_ctc", "conformer_ctc"])
def test_twice_the_speech_is_twice_the_work_and_twice_the_blocks_adds_the_same_again(model):
    def work(frames, blocks):
        network = MODELS.make(model, {"blocks": blocks}).build(64, 30)
        return count_work(network, batch_of(frames, 64))

    one = work(200, 1).flops
    assert work(200, 3).flops - work(200, 2).flops == work(200, 2).flops - one
    # Attention alone grows with the square of the length.
    assert 2 * one <= work(400, 1).flops < 2.2 * one


def edited(model, settings, num_features, *names):
    """A network after compressions that change its layers."""
    architecture = Architecture(model, settings, num_features, 30)
    subject = Subject(architecture, weights_of(architecture.build().state_dict()))
    for name in names:
        subject = COMPRESSIONS.make(name, {}).compress(subject)
    return subject.network()


@pytest.mark.parametrize("compressions", [(), ("structured50",), ("svd50",), ("layer_drop1",)])
@pytest.mark.parametrize(
    ("model", "frames", "features"), [("conv_ctc", 120, 64), ("wav2vec2", 16_000, 1)]
)
def test_the_work_of_a_smaller_network_is_that_of_the_layers_that_it_has(
    model, frames, features, compressions
):
    network, batch = edited(model, {}, features, *compressions), batch_of(frames, features)
    per_layer = []

    def heard(layer, inputs, outputs):
        positions = outputs.numel() // len(layer.weight)
        per_layer.append(2 * positions * layer.weight.numel())

    def attended(layer, inputs, outputs):
        # Queries with keys, and weights with values: frames x frames for each channel.
        per_layer.append(2 * 2 * outputs.shape[1] ** 2 * outputs.shape[2])

    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv1d)]
    hooks = [layer.register_forward_hook(heard) for layer in layers]
    for attention in attentions(network):
        hooks.append(attention.projections[0].register_forward_hook(attended))
    with torch.no_grad():
        network.scores(batch)
    for hook in hooks:
        hook.remove()
    assert count_work(network, batch).flops == sum(per_layer)


def test_the_share_of_the_roofline_is_that_of_the_narrower_of_two_limits():
    roof = Roof(flops_per_second=1e9, bytes_per_second=1e8)
    assert roof.share(flops=5e8, bytes_moved=1e6, seconds=1.0) == pytest.approx(0.5)
    assert roof.share(flops=1e6, bytes_moved=2e7, seconds=1.0) == pytest.approx(0.2)


def test_the_roof_of_this_machine_is_measured():
    roof = measure_roof("cpu")
    assert roof.flops_per_second > 1e8
    assert roof.bytes_per_second > 1e7
