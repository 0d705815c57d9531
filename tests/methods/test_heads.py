"""Output layers for a new language: what stays, what is forgotten, what is drawn anew."""

import pytest
import torch
from toys import CodeTask, code_network, meta_training

from benchmark.methods.anil import Anil
from benchmark.methods.reptile import Reptile
from benchmark.models.keyword_cnn import KeywordCNN


def test_a_fresh_head_of_mean_rows_knows_no_unit_from_another_and_keeps_the_blank():
    network = code_network()
    before = network.output.weight.detach().clone()
    network.fresh_head(9, "mean")
    assert network.num_units == 9
    rows = network.output.weight
    assert torch.equal(rows[0], before[0])
    torch.testing.assert_close(rows[1:], before[1:].mean(0).expand(9, -1))


def test_a_fresh_head_of_random_rows_is_small_and_follows_torch_s_seed():
    rows = []
    for seed in (0, 0, 1):
        network = code_network()
        torch.manual_seed(seed)
        network.fresh_head(200, "random")
        rows.append(network.output.weight[1:].detach())
        assert not network.output.bias[1:].any()
    assert torch.equal(rows[0], rows[1])
    assert not torch.equal(rows[0], rows[2])
    assert rows[0].std() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("num_units", [4, 6, 14])
def test_a_fresh_head_of_dealt_rows_uses_each_trained_row_as_often_as_it_can(num_units):
    network = code_network()
    before = network.output.weight[1:].detach().clone()
    network.fresh_head(num_units, "dealt")
    rows = network.output.weight[1:]
    counts = [sum(torch.equal(row, old) for row in rows) for old in before]
    assert sum(counts) == num_units
    assert max(counts) - min(counts) <= 1


def test_a_classifier_of_words_has_no_blank_to_keep():
    network = KeywordCNN().build(64, 3)
    network.fresh_head(5, "mean")
    assert network.num_units == 5
    assert torch.equal(network.output.weight[0], network.output.weight[4])


def test_an_episode_under_a_fresh_head_spells_support_and_query_alike_and_anew_each_time():
    task = CodeTask(1)
    training = meta_training(code_network(), [task], total=0)
    training.head = "fresh"
    maps = []
    for _ in range(4):
        state = task.generator.getstate()
        spelt = training.episode(task, 20, 20)
        task.generator.setstate(state)
        plain = task.episode(20, 20)
        pairs = {
            (old, new)
            for before, after in zip(plain, spelt, strict=True)
            for old, new in zip(
                before.targets.flatten().tolist(), after.targets.flatten().tolist(), strict=True
            )
        }
        assert len(pairs) == CodeTask.UNITS
        maps.append(frozenset(pairs))
    assert len(set(maps)) > 1


@pytest.mark.parametrize("head", ["union", "bytes"])
def test_other_heads_leave_the_spelling_alone(head):
    task = CodeTask(1)
    training = meta_training(code_network(), [task], total=0)
    training.head = head
    batch = task.batch(5)
    assert torch.equal(training.token_map()(batch).targets, batch.targets)


@pytest.mark.parametrize("method", [Anil(), Reptile()])
def test_meta_learners_that_build_their_own_inner_loop_draw_token_maps_too(method):
    ends = []
    for head in ("union", "fresh"):
        network = code_network()
        training = meta_training(network, [CodeTask(1)], total=80)
        training.head = head
        method.meta_train(training)
        ends.append(network.output.weight.detach())
    assert not torch.allclose(*ends)
