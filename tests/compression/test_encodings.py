"""Encodings give the values that torch, ONNX Runtime and the e4m3 format itself give."""

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from benchmark.compression.storage.encodings.codebook import Codebook
from benchmark.compression.storage.grid import Grid, float8_scale, quantile

SHAPES = {
    "linear": (12, 40),
    "conv1d": (12, 6, 5),
    "depthwise": (12, 1, 9),
    "conv2d": (12, 4, 3, 3),
}


def made(shape, seed=0):
    """Weights that lie more on one side of zero, each output on a scale of its own."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator) + 0.4
    return values * torch.logspace(-3, 1, shape[0]).view(-1, *[1] * (len(shape) - 1))


@pytest.fixture(params=SHAPES)
def weight(request):
    return made(SHAPES[request.param])


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_a_grid_with_zero_points_agrees_with_torch(weight, bits):
    grid = Grid(bits, symmetric=False).fit(weight)
    scale, zero = grid.scale.float().flatten(), grid.zero.flatten()
    expected = torch.fake_quantize_per_channel_affine(weight, scale, zero.int(), 0, 0, 2**bits - 1)
    assert torch.allclose(grid.nearest(weight), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_symmetric_codes_are_those_of_torch(weight, granularity):
    grid = Grid(8, granularity).fit(weight)
    scale = grid.scale.double().flatten()
    if granularity == "tensor":
        expected = torch.quantize_per_tensor(weight, scale.item(), 0, torch.qint8)
    else:
        zeros = torch.zeros(len(scale), dtype=torch.int64)
        expected = torch.quantize_per_channel(weight, scale, zeros, 0, torch.qint8)
    assert torch.equal(grid.codes(weight), expected.int_repr())
    assert torch.allclose(grid.nearest(weight), expected.dequantize(), rtol=1e-6, atol=0)


def quantised_by_onnx(weight, scale, zero, **attributes):
    """What ONNX Runtime makes of `weight` in QuantizeLinear and DequantizeLinear."""
    tensors = [numpy_helper.from_array(scale, "scale"), numpy_helper.from_array(zero, "zero")]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["codes"], **attributes),
        helper.make_node("DequantizeLinear", ["codes", "scale", "zero"], ["y"], **attributes),
    ]
    graph = helper.make_graph(
        nodes,
        "quantise",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, weight.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, weight.shape)],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return torch.from_numpy(session.run(None, {"x": weight.numpy()})[0])


@pytest.mark.parametrize("symmetric", [True, False])
def test_channels_agree_with_onnx_runtime(weight, symmetric):
    grid = Grid(8, symmetric=symmetric).fit(weight)
    scale = grid.scale.float().flatten().numpy()
    zero = np.zeros(len(scale), np.int8) if symmetric else grid.zero.flatten().numpy()
    expected = quantised_by_onnx(weight, scale, zero, axis=0)
    assert torch.allclose(grid.nearest(weight), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("symmetric", [True, False])
def test_groups_agree_with_the_blocks_of_onnx_runtime(symmetric):
    weight = made((12, 64))
    grid = Grid(8, "group", group_size=16, symmetric=symmetric).fit(weight)
    zero = np.zeros((12, 4), np.int8) if symmetric else grid.zero.numpy()
    expected = quantised_by_onnx(weight, grid.scale.float().numpy(), zero, axis=1, block_size=16)
    assert grid.scale.shape == (12, 4)
    assert torch.allclose(grid.nearest(weight), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("granularity", ["tensor", "channel", "group"])
def test_no_weight_moves_further_than_its_step_allows(weight, granularity, symmetric):
    grid = Grid(4, granularity, group_size=7, symmetric=symmetric).fit(weight)
    step = grid.steps(weight.shape).expand(weight.shape)
    # A rounded zero point may cost half a step more at the ends.
    allowed = step * (0.5 if symmetric else 1.0) * 1.001
    assert bool(((grid.nearest(weight) - weight).abs() <= allowed).all())


def test_a_short_last_group_has_a_step_of_its_own():
    weight = torch.tensor([[1.0, 2.0, 4.0, 0.25], [1.0, 2.0, 4.0, 0.5]])
    grid = Grid(8, "group", group_size=3).fit(weight)
    expected = torch.tensor([[4.0, 0.25], [4.0, 0.5]]) / 127
    assert torch.allclose(grid.scale.float(), expected, rtol=1 / 128)


def test_zero_is_on_every_grid(weight):
    weight = weight.abs() + 1.0
    weight[:, 0] = 0.0
    for granularity in ("tensor", "channel", "group"):
        grid = Grid(4, granularity, symmetric=False).fit(weight)
        assert bool((grid.nearest(weight)[:, 0] == 0).all())


@pytest.mark.parametrize("bits", [2, 3, 4])
@pytest.mark.parametrize("symmetric", [True, False])
def test_the_reach_with_the_least_error_is_found(weight, bits, symmetric):
    """Against a search over scales, row by row, in numpy."""
    grids = [
        Grid(bits, symmetric=symmetric, range_method=method).fit(weight)
        for method in ("mse", "max")
    ]
    found, whole = ((g.nearest(weight) - weight).square().flatten(1).sum(1) for g in grids)
    assert bool((found <= whole).all())
    for row, error in zip(weight.flatten(1).double().numpy(), found.tolist(), strict=True):
        low, high = (-abs(row).max(), abs(row).max()) if symmetric else (min(row), max(row))
        low, high = min(low, 0.0), max(high, 0.0)
        levels = 2**bits - (2 if symmetric else 1)
        best = np.inf
        for shrink in np.linspace(0.2, 1.0, 161):
            step = (high - low) * shrink / levels
            zero = levels / 2 if symmetric else np.round(-low * shrink / step)
            codes = np.clip(np.round(row / step), -zero, levels - zero)
            best = min(best, ((codes * step - row) ** 2).sum())
        assert error <= best * 1.1


def test_a_percentile_is_that_of_numpy():
    rows = torch.randn(5, 1001)
    for share in (0.5, 0.9, 0.999, 1.0):
        expected = np.quantile(rows.double().numpy(), share, axis=1)
        assert np.allclose(quantile(rows, share).numpy(), expected, rtol=1e-6)


def test_a_percentile_clips_outliers_and_refines_the_rest():
    weight = made((4, 1000))
    weight[:, 0] *= 50
    plain = Grid(4).fit(weight)
    clipped = Grid(4, range_method="percentile", percentile=99.5).fit(weight)
    rest = weight[:, 1:]
    errors = [(g.nearest(weight)[:, 1:] - rest).square().sum() for g in (clipped, plain)]
    assert errors[0] < errors[1] / 10


def test_float8_agrees_with_torch_and_with_the_nearest_of_all_its_values(weight):
    encoding = float8_scale(weight)
    scale = encoding.scale.float()
    stored = encoding.nearest(weight)
    assert torch.equal(stored, (weight / scale).to(torch.float8_e4m3fn).float() * scale)
    every = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float32)
    every = every[np.isfinite(every)]
    scaled = (weight / scale).numpy()
    nearest = np.abs(scaled[..., None] - every).min(-1)
    assert np.array_equal(np.abs(scaled - (stored / scale).numpy()), nearest)
    largest = (stored / scale).abs().flatten(1).amax(1)
    assert set(largest.tolist()) <= {416.0, 448.0}


def test_float8_keeps_channels_of_zeros_and_of_tiny_weights_finite():
    weight = torch.tensor([[0.0, 0.0], [1e-40, 0.0], [1e-30, 2e-30]])
    stored = float8_scale(weight).nearest(weight)
    assert bool(stored.isfinite().all())
    assert torch.allclose(stored[2], weight[2], rtol=2**-4)


def test_a_codebook_gives_each_value_its_nearest_entry():
    table = torch.tensor([-1.5, -0.25, 0.0, 0.5, 3.0]).half()
    values = made((6, 50))
    codebook = Codebook(table)
    distance = (values[..., None] - table.float()).abs()
    assert torch.equal(codebook.nearest(values), table.float()[distance.argmin(-1)])
    assert codebook.bits == 3
