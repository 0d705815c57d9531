"""Baselines move what they say they move."""

import copy

import pytest
import torch
from toys import CodeTask, adaptation, code_network, meta_training

from benchmark.errors import Unsupported
from benchmark.methods.adapter import Adapter
from benchmark.methods.anil import Anil
from benchmark.methods.boil import Boil
from benchmark.methods.cavia import Cavia
from benchmark.methods.head_only import HeadOnly
from benchmark.methods.joint import Joint
from benchmark.methods.joint_multihead import JointMultihead
from benchmark.methods.lora import Lora
from benchmark.methods.partial import Partial
from benchmark.methods.soup import Soup
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.optimizers.adamw import AdamW


def moved(method, network) -> set[str]:
    before = copy.deepcopy(network.state_dict())
    method.adapt(adaptation(network, CodeTask(9), 40, AdamW(lr=1e-2)))
    return {name for name, value in network.state_dict().items() if not value.equal(before[name])}


HEAD = {"output.weight", "output.bias"}


@pytest.mark.parametrize("method", [HeadOnly(), Anil()])
def test_a_linear_probe_moves_the_output_layer_alone(method):
    assert moved(method, code_network()) == HEAD


def test_boil_moves_everything_but_the_output_layer():
    network = code_network()
    assert moved(Boil(), network) == set(network.state_dict()) - HEAD


def test_partial_moves_the_last_block_and_what_is_behind_it():
    names = moved(Partial(blocks=1), code_network())
    assert names >= HEAD | {"norm.weight", "norm.bias", "blocks.0.expand.weight"}
    assert not any(name.startswith("subsampling") for name in names)


def test_partial_moves_norms_and_biases():
    names = moved(Partial(what="norms_and_biases"), code_network())
    assert "subsampling.first_norm.weight" in names
    assert {n for n in names if n.endswith("weight")} == {
        n for n in names if "norm" in n and n.endswith("weight")
    } | {"output.weight"}


def test_adapters_alone_move_and_do_nothing_before():
    network, plain = code_network(adapter=4), code_network()
    plain.load_state_dict(network.state_dict(), strict=False)
    batch = CodeTask(1).batch(4)
    assert network.loss(batch).item() == plain.loss(batch).item()
    names = moved(Adapter(), network)
    assert names > HEAD
    assert all(".adapter." in name for name in names - HEAD)


def test_a_network_without_adapters_is_unsupported_and_told_what_to_write():
    with pytest.raises(Unsupported, match="adapter: 32"):
        moved(Adapter(), code_network())


def test_lora_changes_linear_layers_of_the_body_by_no_more_than_its_rank():
    network = code_network()
    before = copy.deepcopy(network)
    names = moved(Lora(rank=2), network)
    changed = names - HEAD
    assert changed == {
        "subsampling.pointwise.weight",
        "blocks.0.expand.weight",
        "blocks.0.contract.weight",
    }
    for name in changed:
        change = (network.get_parameter(name) - before.get_parameter(name)).detach()
        assert torch.linalg.matrix_rank(change, rtol=1e-4) == 2


def test_soup_lies_between_the_start_and_the_fine_tuned_weights():
    start, full, soup = code_network(), code_network(), code_network()
    Joint().adapt(adaptation(full, CodeTask(9), 40, AdamW(lr=1e-2)))
    Soup(share=0.25).adapt(adaptation(soup, CodeTask(9), 40, AdamW(lr=1e-2)))
    for a, b, c in zip(start.parameters(), full.parameters(), soup.parameters(), strict=True):
        torch.testing.assert_close(c, 0.75 * a + 0.25 * b)


def test_cavia_moves_norms_alone_and_needs_some():
    network = code_network()
    training = meta_training(network, [CodeTask(0)], total=0)
    Cavia(size=4).meta_train(training)
    before = copy.deepcopy(network.state_dict())
    run = adaptation(network, CodeTask(9), 40, AdamW(lr=1e-1))
    run.learnt = training.learnt
    Cavia(size=4).adapt(run)
    after = network.state_dict()
    names = {name for name in after if not after[name].equal(before[name])}
    assert names == {name for name in after if "norm" in name}
    words = KeywordCNN().build(64, 3)
    with pytest.raises(Unsupported, match="no norms"):
        Cavia().meta_train(meta_training(words, [], total=0))


def test_heads_of_languages_part_while_the_body_is_shared():
    """Two languages spell one sound in opposite ways: one layer cannot, two can."""
    opposite = torch.tensor([1, 0, 3, 2, 5, 4])
    losses = {}
    for method in (Joint(), JointMultihead()):
        tasks = [CodeTask(1), CodeTask(2, spelling=opposite)]
        training = meta_training(code_network(), tasks, 1600, AdamW(lr=1e-2))
        method.meta_train(training)
        losses[type(method)] = training.last_loss.item()
        assert training.learnt == {}
    assert losses[JointMultihead] < 0.5 * losses[Joint]
