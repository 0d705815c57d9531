"""Channels and heads that are taken away leave a smaller network that computes the same parts."""

import pytest
import torch
from listening import noise, padded
from spoken import Spoken, architecture, scores, subject, technique

from benchmark.compression.structure import prune_channels
from benchmark.errors import Unsupported


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("conv_ctc", {"adapter": 8}),
        ("conformer_ctc", {}),
        ("conformer_ctc", {"norm": "group", "adapter": 8}),
        ("keyword_cnn", {}),
    ],
)
def test_every_inner_layer_loses_its_share_and_input_and_units_lose_none(model, settings):
    start = subject(model, **settings)
    made = technique("structured50").compress(start)
    before, after = start.network(), made.network()
    assert scores(after, Spoken(2, mels=start.architecture.num_features)).isfinite().all()
    assert after.output.out_features == before.output.out_features
    first = next(m for m in after.modules() if isinstance(m, torch.nn.Conv1d | torch.nn.Conv2d))
    seen = next(m for m in before.modules() if isinstance(m, torch.nn.Conv1d | torch.nn.Conv2d))
    assert first.in_channels == seen.in_channels
    linear = {
        name: (layer, after.get_submodule(name))
        for name, layer in before.named_modules()
        if isinstance(layer, torch.nn.Linear)
    }
    assert all(new.in_features == -(-old.in_features // 2) for old, new in linear.values())
    total = sum(weight.values.numel() for weight in made.weights.values())
    assert total < 0.45 * sum(weight.values.numel() for weight in start.weights.values())


def test_heads_go_as_a_whole_and_the_others_keep_their_width():
    network = technique("structured30").compress(subject("conformer_ctc")).network()
    for block in network.blocks:
        # 30 % of 4 heads is nearest to one.
        assert block.attention.heads == 3
        assert block.attention.query.out_features == block.attention.output.in_features == 12


def test_what_has_the_smallest_weights_is_what_is_taken_away():
    start = subject("conformer_ctc")
    network, small = start.network(), [1, 5, 7, 8, 20, 23]
    with torch.no_grad():
        for block in network.blocks:
            block.before.expand.weight[small] *= 1e-3
            block.before.contract.weight[:, small] *= 1e-3
            for projection in (block.attention.query, block.attention.key, block.attention.value):
                projection.weight[4:8] *= 1e-3
            block.attention.output.weight[:, 4:8] *= 1e-3
    made = technique("structured25").compress(start.rebuilt(start.architecture, network))
    for before, after in zip(network.blocks, made.network().blocks, strict=True):
        wide = [i for i in range(24) if i not in small]
        assert torch.equal(after.before.expand.bias, before.before.expand.bias[wide])
        heads = [i for i in range(16) if i not in range(4, 8)]
        assert torch.equal(after.attention.key.bias, before.attention.key.bias[heads])


def test_a_gate_loses_the_same_channels_of_its_value_and_of_its_sigmoid():
    start = subject("conformer_ctc")
    made = technique("structured50").compress(start)
    gates = start.weights["blocks.0.convolution.gate.bias"].values.tolist()
    left = made.weights["blocks.0.convolution.gate.bias"].values.tolist()
    kept = [gates.index(bias) for bias in left]
    width = len(kept) // 2
    assert kept[width:] == [i + 16 for i in kept[:width]]
    depthwise = "blocks.0.convolution.depthwise.weight"
    expected = start.weights[depthwise].values[kept[:width]]
    assert torch.equal(made.weights[depthwise].values.flatten(1), expected.flatten(1))


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(prune_channels, "find_spec", lambda name: None)
    with pytest.raises(Unsupported, match=r"pip install '\.\[prune\]'"):
        technique("structured30").compress(subject("conv_ctc"))


def test_factorised_attention_can_lose_heads_too():
    made = technique("structured50").compress(technique("svd50").compress(subject("conformer_ctc")))
    assert {block.attention.heads for block in made.network().blocks} == {2}
    assert architecture("conformer_ctc").build().blocks[0].attention.heads == 4


def test_a_share_that_leaves_nothing_of_a_layer_is_refused():
    with pytest.raises(Unsupported, match=r"none of the 24 channels of \S+ would be left"):
        technique("structured97").compress(subject("conv_ctc"))


ENCODERS = {
    "wav2vec 2.0, large": {},
    "wav2vec 2.0, base": {"feat_extract_norm": "group", "do_stable_layer_norm": False},
    "HuBERT": {"model_type": "hubert"},
}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_encoder_of_waveforms_is_narrower_everywhere_and_hears_each_utterance_alone(encoder):
    settings = {"dim": 32, "heads": 4, "conv": 16, "config": ENCODERS[encoder]}
    start = subject("wav2vec2", **settings)
    made = technique("structured50").compress(start)
    network = made.network().eval()
    linear = [m for m in start.network().modules() if isinstance(m, torch.nn.Linear)]
    narrow = [m for m in network.modules() if isinstance(m, torch.nn.Linear)]
    assert [m.in_features for m in narrow] == [m.in_features // 2 for m in linear]
    convolutions = [m for m in network.convolutions.modules() if isinstance(m, torch.nn.Conv1d)]
    assert {m.out_channels for m in convolutions} == {8}
    attention = network.blocks[0].layer.attention
    assert attention.q_proj.out_features == 2 * attention.head_dim
    speech = noise("wav2vec2", 2)
    short, long = speech.utterances
    with torch.no_grad():
        together = network.scores(padded([short, long])).frames[0]
        alone = network.scores(short).frames[0]
    assert torch.allclose(together[: len(alone)], alone, atol=1e-5)


def test_the_heads_and_channels_with_the_smallest_weights_go_from_a_pretrained_kind_of_encoder():
    start = subject("wav2vec2", dim=32, heads=4)
    network = start.network()
    with torch.no_grad():
        for block in network.blocks:
            attention, feed_forward = block.layer.attention, block.layer.feed_forward
            attention.q_proj.bias.copy_(torch.arange(32.0))
            feed_forward.intermediate_dense.bias.copy_(torch.arange(24.0))
            for projection in (attention.q_proj, attention.k_proj, attention.v_proj):
                projection.weight[8:16] *= 1e-3
            attention.out_proj.weight[:, 8:16] *= 1e-3
            feed_forward.intermediate_dense.weight[:6] *= 1e-3
            feed_forward.output_dense.weight[:, :6] *= 1e-3
    made = technique("structured25").compress(start.rebuilt(start.architecture, network)).network()
    heads = [i for i in range(32) if i not in range(8, 16)]
    for new in (block.layer for block in made.blocks):
        assert new.attention.q_proj.bias.tolist() == heads
        assert new.feed_forward.intermediate_dense.bias.tolist() == list(range(6, 24))
