"""What each technique does to weights, and that techniques chain."""

import numpy as np
import pytest
import torch

from benchmark.axis import SettingError
from benchmark.compression.storage.encodings.uniform import Uniform
from benchmark.compression.storage.weight import compress
from benchmark.errors import Diverged, Unsupported
from benchmark.registry import COMPRESSIONS


def compressed(state, chain, **settings):
    techniques = [COMPRESSIONS.make(name, settings) for name in chain.split("+")]
    return {name: weight.values for name, weight in compress(state, techniques).items()}


def matrices(values):
    return {n: v for n, v in values.items() if v.dim() >= 2}


def zero_share(values):
    flat = torch.cat([v.flatten() for v in matrices(values).values()])
    return float((flat == 0).float().mean())


def test_none_changes_nothing(state):
    values = compressed(state, "none")
    assert all(torch.equal(values[name], state[name]) for name in state)


@pytest.mark.parametrize(("name", "dtype"), [("fp16", np.float16), ("bf16", None)])
def test_half_precision_rounds_to_nearest_even(state, name, dtype):
    values = compressed(state, name)["6.weight"].numpy()
    original = state["6.weight"].numpy()
    if dtype is not None:
        expected = original.astype(dtype).astype(np.float32)
    else:
        bits = original.view(np.uint32).astype(np.uint64)
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
        expected = rounded.astype(np.uint32).view(np.float32)
    assert np.array_equal(values, expected)


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("granularity", ["tensor", "channel"])
def test_quantised_weights_lie_on_an_even_grid_no_further_than_half_a_step(
    state, bits, granularity
):
    values = compressed(state, f"int{bits}", granularity=granularity)
    for name, original in matrices(state).items():
        channels = original.flatten(1) if granularity == "channel" else original.flatten()[None]
        quantised = values[name].reshape(channels.shape)
        finest = channels.abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
        # The step is stored as bfloat16, rounded up by at most one part in 128.
        assert bool(((quantised - channels).abs() <= finest * (1 + 1 / 128) / 2 * 1.001).all())
        for channel in quantised:
            levels = channel.unique()
            last = 2 ** (bits - 1) - 1
            steps = [levels / levels.abs().max() * code for code in (last, last - 1)]
            assert len(levels) <= 2**bits - 1
            assert any(torch.allclose(s, s.round(), atol=1e-3) for s in steps)


def test_quantisation_agrees_with_torch(state):
    from benchmark.compression.storage.grid import Grid

    weight = state["6.weight"]
    for bits in range(2, 9):
        grid = Grid(bits).fit(weight)
        scale = grid.scale.float().flatten()
        expected = torch.fake_quantize_per_channel_affine(
            weight, scale, torch.zeros(len(scale), dtype=torch.int32), 0, -grid.limit, grid.limit
        )
        assert torch.allclose(grid.nearest(weight), expected, rtol=0, atol=1e-7)


def test_channels_have_their_own_steps_unless_told_otherwise():
    state = {"w": torch.tensor([[1.0, 0.5], [0.001, 0.0005]])}
    assert compressed(state, "int4")["w"][1].count_nonzero() == 2
    assert compressed(state, "int4", granularity="tensor")["w"][1].count_nonzero() == 0


def test_weights_that_are_all_zero_or_tiny_stay_finite():
    state = {"w": torch.tensor([[0.0, 0.0], [1e-44, 0.0]])}
    assert torch.equal(compressed(state, "int8")["w"], torch.zeros(2, 2))


@pytest.mark.parametrize("percent", [1, 30, 50, 90, 99])
def test_pruning_takes_the_smallest_weights_of_the_whole_network(state, percent):
    values = matrices(compressed(state, f"prune{percent}"))
    original = torch.cat([v.flatten().abs() for v in matrices(state).values()])
    pruned = torch.cat([v.flatten() for v in values.values()]) == 0
    assert int(pruned.sum()) == round(len(original) * percent / 100)
    assert original[pruned].max() <= original[~pruned].min()


def test_pruning_leaves_biases_and_norms_alone(state):
    values = compressed(state, "prune99")
    vectors = [name for name in state if state[name].dim() < 2]
    assert all(torch.equal(values[name], state[name]) for name in vectors)


def test_pruning_by_threshold_removes_what_is_below_it():
    state = {"w": torch.tensor([[0.1, -0.3, 0.2, -0.05]])}
    values = compressed(state, "prune", threshold=0.2)["w"]
    assert values.flatten().tolist() == pytest.approx([0.0, -0.3, 0.2, 0.0])


@pytest.mark.parametrize(
    ("name", "settings"),
    [("prune", {}), ("prune50", {"threshold": 0.1}), ("prune0", {}), ("int8", {"bits": 9})],
)
def test_settings_that_mean_nothing_are_refused(name, settings):
    with pytest.raises(SettingError):
        COMPRESSIONS.make(name, settings)


def test_clipping_keeps_weights_in_range():
    state = {"w": torch.tensor([[-2.0, 0.5, 3.0]]), "b": torch.tensor([7.0])}
    values = compressed(state, "clip", low=-1.5, high=2.5)
    assert values["w"].tolist() == [[-1.5, 0.5, 2.5]]
    assert values["b"].tolist() == [7.0]


def test_zeros_stay_zero_through_a_chain(state):
    pruned, chained = compressed(state, "prune50"), compressed(state, "prune50+int8")
    assert all(bool((chained[n][pruned[n] == 0] == 0).all()) for n in matrices(state))
    assert zero_share(chained) < 0.52


def test_pruning_after_quantisation_prunes_exactly_as_much(state):
    values = compressed(state, "int4+prune50")
    quantised = compressed(state, "int4")
    assert zero_share(values) == pytest.approx(0.5, abs=1e-4)
    for name in matrices(state):
        stays = values[name] != 0
        assert torch.equal(values[name][stays], quantised[name][stays])


def test_a_cast_after_quantisation_keeps_the_codes(state):
    techniques = [COMPRESSIONS.make("int8"), COMPRESSIONS.make("fp16")]
    weights = compress(state, techniques)
    assert isinstance(weights["6.weight"].encoding, Uniform)


def test_integer_buffers_pass_through(state):
    state["1.num_batches_tracked"].fill_(12345678)
    for chain in ("fp16", "prune50+int8"):
        values = compressed(state, chain)["1.num_batches_tracked"]
        assert values.dtype == torch.int64
        assert int(values) == 12345678


def test_values_beyond_half_precision_are_refused_by_name():
    with pytest.raises(Unsupported, match=r"gain .* 65504"):
        compressed({"gain": torch.tensor([70000.0])}, "fp16")
    assert compressed({"gain": torch.tensor([65536.0])}, "bf16")["gain"].item() == 65536.0


def test_a_diverged_network_is_refused_by_name():
    with pytest.raises(Diverged, match="w holds"):
        compressed({"w": torch.tensor([[float("nan")]])}, "none")


@pytest.mark.parametrize(
    ("name", "settings"),
    [("int8", {"group_size": 64}), ("int8", {"percentile": 99}), ("int8", {"utterances": 3})],
)
def test_a_setting_that_would_be_ignored_is_refused(name, settings):
    (setting,) = settings
    with pytest.raises(SettingError, match=f"{setting} is set, but no other setting uses it"):
        COMPRESSIONS.make(name, settings)


def test_huffman_codes_change_no_value(state):
    for chain in ("int4", "prune50+kmeans16", "bf16", "none"):
        plain, coded = compressed(state, chain), compressed(state, f"{chain}+huffman")
        assert all(torch.equal(plain[name], coded[name]) for name in state)


def test_what_no_code_makes_shorter_is_left_as_it_is():
    state = {"noise": torch.arange(256).repeat(4).reshape(32, 32).float(), "b": torch.ones(3)}
    int8 = COMPRESSIONS.make("int8", {"symmetric": False, "granularity": "tensor"})
    weights = compress(state, [int8, COMPRESSIONS.make("huffman")])
    assert {w.coder for w in weights.values()} == {"packed"}
