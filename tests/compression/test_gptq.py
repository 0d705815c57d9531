"""GPTQ hears the inputs of every layer, and rounds as its paper does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from listening import MODELS, PICTURES, noise, subject
from torch import nn
from torch.nn import functional

from benchmark.compression.calibration.gptq import DAMPING, gptq
from benchmark.compression.calibration.inputs import Inputs
from benchmark.compression.calibration.sequential import quantise_sequentially
from benchmark.compression.chain.run import compress_subject
from benchmark.compression.storage.grid import Grid
from benchmark.compression.storage.weight import compress
from benchmark.errors import Unsupported
from benchmark.models.networks.attention import SelfAttention
from benchmark.models.networks.frames import FrameConv
from benchmark.registry import COMPRESSIONS


class Same(nn.Conv2d):
    """A convolution whose forward names its arguments."""

    def forward(self, image):
        return functional.conv2d(
            image, weight=self.weight, bias=self.bias, padding="same", groups=self.groups
        )


LAYERS = {
    "linear": (nn.Linear(6, 8), (2, 7, 6), -1),
    "conv1d": (nn.Conv1d(6, 8, 3, stride=2, padding=1, dilation=2), (2, 6, 20), 1),
    "one utterance": (nn.Conv1d(6, 8, 3), (6, 20), 0),
    "depthwise": (nn.Conv1d(6, 12, 5, padding=2, groups=6), (2, 6, 20), 1),
    "in time": (FrameConv(6, 8, 5, stride=2, groups=2), (2, 20, 6), -1),
    "conv2d": (nn.Conv2d(4, 8, (3, 2), (2, 1), padding=(1, 0), groups=2), (2, 4, 9, 8), 1),
    "same": (Same(4, 8, (3, 4)), (2, 4, 9, 8), 1),
}
"""A layer, the shape of its input, and where the outputs have their channels."""


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("kind", LAYERS)
def test_what_is_heard_times_the_weight_is_the_output(kind):
    layer, shape, channels = LAYERS[kind]
    heard = []
    x = torch.randn(shape)
    with torch.no_grad(), Inputs(layer, lambda name, inputs: heard.append((name, inputs()))):
        expected = layer(x)
    ((name, columns),) = heard
    assert name == "weight"
    outputs = layer.weight.flatten(1).unflatten(0, (len(columns), -1)) @ columns
    outputs = outputs.flatten(0, 1) + layer.bias[:, None]
    assert torch.allclose(outputs, expected.movedim(channels, 0).flatten(1), atol=1e-5)


def test_attention_is_heard_as_its_four_projections():
    attention, heard = SelfAttention(8, 2), []
    with Inputs(attention, lambda name, _: heard.append(name)):
        attention(torch.randn(1, 5, 8), torch.ones(1, 5, 1, dtype=torch.bool))
    assert heard == ["query.weight", "key.weight", "value.weight", "output.weight"]


@pytest.mark.parametrize("model", MODELS)
def test_every_matrix_of_a_network_is_heard(model):
    network, heard = subject(model).network(), set()
    with torch.no_grad(), Inputs(network, lambda name, _: heard.add(name)):
        network.scores(noise(model, 1).batch(1))
    assert heard == {name for name, p in network.named_parameters() if p.dim() >= 2}


def correlated(inputs, columns=200, seed=0):
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(inputs, inputs, generator=generator, dtype=torch.float64)
    return mixing @ torch.randn(inputs, columns, generator=generator, dtype=torch.float64)


def by_the_book(weight, hessian, grid):
    """Optimal Brain Quantisation in a fixed order: the inverse of what is left, each time anew.

    Equation 2 of the paper; no Cholesky factor, no blocks. All float64, numpy.
    """
    hessian = hessian.numpy() + DAMPING * np.diag(hessian.numpy()).mean() * np.eye(len(hessian))
    left, done = weight.double().numpy().copy(), np.zeros(weight.shape)
    for i in range(weight.shape[1]):
        inverse = np.linalg.inv(hessian[i:, i:])
        column = torch.zeros(weight.shape)
        column[:, i] = torch.from_numpy(left[:, i])
        done[:, i] = grid.nearest(column)[:, i].double().numpy()
        error = (left[:, i] - done[:, i]) / inverse[0, 0]
        left[:, i:] -= error[:, None] * inverse[0]
    return torch.from_numpy(done).float()


@pytest.mark.parametrize(
    "settings", [{}, {"symmetric": False}, {"granularity": "group", "group_size": 3}]
)
@pytest.mark.parametrize("inputs", [3, 10, 150])
def test_rounding_is_that_of_the_paper(settings, inputs):
    weight = torch.randn(5, inputs, generator=torch.Generator().manual_seed(1))
    x = correlated(inputs, 2 * inputs)
    grid = Grid(3, **settings).fit(weight)
    rounded = gptq(weight, (x @ x.T)[None], grid)
    assert torch.equal(rounded, by_the_book(weight, x @ x.T, grid))
    assert not torch.equal(rounded, grid.nearest(weight))


def test_each_group_of_a_convolution_has_its_own_inputs():
    weight = torch.randn(6, 1, 9)
    xs = [correlated(9, seed=seed) for seed in range(3)]
    hessians = torch.stack([x @ x.T for x in xs])
    grid = Grid(3).fit(weight)
    rounded = gptq(weight, hessians, grid)
    for part in range(3):
        rows = slice(2 * part, 2 * part + 2)
        alone = Grid(3).fit(weight[rows])
        assert torch.equal(rounded[rows], gptq(weight[rows], hessians[part : part + 1], alone))


def test_independent_inputs_are_rounded_to_the_nearest():
    weight = torch.randn(8, 20)
    grid = Grid(3).fit(weight)
    for diagonal in (torch.ones(20), torch.rand(20) + 0.1, torch.zeros(20)):
        rounded = gptq(weight, diagonal.double().diag()[None], grid)
        assert torch.equal(rounded, grid.nearest(weight))


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_outputs_of_correlated_inputs_suffer_less(bits):
    weight, x = torch.randn(16, 64), correlated(64)
    grid = Grid(bits).fit(weight)
    errors = [
        ((rounded.double() - weight.double()) @ x).square().mean()
        for rounded in (gptq(weight, (x @ x.T)[None], grid), grid.nearest(weight))
    ]
    assert errors[0] < 0.6 * errors[1]


def test_pruned_weights_stay_zero():
    weight, x = torch.randn(16, 64), correlated(64)
    weight[torch.rand(16, 64) < 0.5] = 0.0
    rounded = gptq(weight, (x @ x.T)[None], Grid(4).fit(weight))
    assert bool((rounded[weight == 0] == 0).all())


@pytest.mark.parametrize("model", MODELS)
def test_a_network_scores_nearer_to_what_it_did(model):
    before = subject(model)
    batch = noise(model, 12).batch(12)
    expected = before.network().scores(batch).frames.detach()
    errors = []
    for rounding in ("gptq", "nearest"):
        technique = COMPRESSIONS.make("int4", {"rounding": rounding})
        after, (change,) = compress_subject(before, [technique], ["int4"])
        scores = after.network().scores(batch).frames.detach()
        errors.append(float((scores - expected).square().mean()))
        matrices = [w for w in after.weights.values() if w.is_matrix]
        assert all(w.encoding.bits == 4 for w in matrices)
        assert change.tensors == len(after.weights)
    assert errors[0] < errors[1]


def test_layers_are_calibrated_on_what_rounded_ones_pass_on():
    """The second layer sees the outputs of the first as they will be."""
    before = subject("conv_ctc", utterances=2)
    technique = COMPRESSIONS.make("int2", {"rounding": "gptq"})
    after = technique.compress(before)
    first, second = "subsampling.first.weight", "subsampling.second.weight"
    network = before.network()
    batches = [before.support.task.utterances[i] for i in range(2)]
    with torch.no_grad():
        network.get_parameter(first).copy_(after.weights[first].values)
    sums = []

    def listen(name, inputs):
        if name == second:
            sums.append(inputs().double() @ inputs().double().transpose(1, 2))

    with torch.no_grad(), Inputs(network, listen):
        for batch in batches:
            network.scores(batch)
    values = before.weights[second].values
    expected = gptq(values, torch.stack(sums).sum(0), technique.grid(values))
    assert torch.equal(after.weights[second].values, expected)


def test_it_asks_for_speech_and_says_so_where_there_is_none():
    technique = COMPRESSIONS.make("int4", {"rounding": "gptq"})
    assert technique.needs_speech
    assert not COMPRESSIONS.make("int4").needs_speech
    with pytest.raises(Unsupported, match="gptq needs speech"):
        technique.compress(replace(subject("conv_ctc"), support=None))
    with pytest.raises(Unsupported, match="not weights alone"):
        compress({"w": torch.randn(4, 4)}, [technique])


def test_a_layer_too_wide_for_a_hessian_is_refused_by_name():
    grid = {"hidden.weight": Grid(4).fit(torch.randn(512, 16384))}
    with pytest.raises(
        Unsupported, match=r"hidden.weight has 16384 inputs.* use rounding: nearest"
    ):
        quantise_sequentially(subject(PICTURES, utterances=1), grid, 1)
