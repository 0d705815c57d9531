"""Which languages are drawn, and how often."""

from collections import Counter
from random import Random

import pytest
import torch
from toys import CodeTask, ToyNetwork, code_network, meta_training, sinusoid, weights

from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.learning.sampler import Sampler
from benchmark.optimizers.adamw import AdamW

DRAWS = 20_000


def shares(sampler) -> list[float]:
    drawn = Counter(task.language for task in sampler.draw(DRAWS))
    return [drawn[task.language] / DRAWS for task in sampler.tasks]


def test_uniform_draws_every_language_equally_often():
    sampler = Sampler("uniform", [sinusoid(i, 10 * (1 + i)) for i in range(4)], Random(0))
    assert shares(sampler) == [0.25] * 4
    assert {t.language for t in sampler.draw(4)} == {f"sine{i}" for i in range(4)}


def test_temperature_draws_by_the_square_root_of_size():
    sampler = Sampler("temperature", [sinusoid(0, 10), sinusoid(1, 90)], Random(0))
    assert shares(sampler) == pytest.approx([0.25, 0.75], abs=0.02)


def test_loss_draws_in_proportion_to_the_loss_and_treats_unknown_languages_as_average():
    tasks = [sinusoid(0), sinusoid(1), sinusoid(2)]
    sampler = Sampler("loss", tasks, Random(0))
    for _ in range(50):
        sampler.observe(tasks[0], torch.tensor(1.0))
        sampler.observe(tasks[1], torch.tensor(3.0))
    assert shares(sampler) == pytest.approx([1 / 6, 3 / 6, 2 / 6], abs=0.02)


def test_adversarial_weights_are_those_of_exponentiated_ascent():
    tasks = [sinusoid(0), sinusoid(1)]
    sampler = Sampler("adversarial", tasks, Random(0))
    for loss in (1.0, 2.0):
        sampler.observe(tasks[1], torch.tensor(loss))
    grown = torch.tensor([0.0, 0.1 * 3.0]).softmax(0).tolist()
    assert sampler.probabilities() == pytest.approx(grown)


@pytest.mark.parametrize("sampling", ["uniform", "temperature", "loss", "adversarial"])
@pytest.mark.parametrize("method", [Joint, Fomaml])
def test_every_sampler_spends_the_same(method, sampling):
    tasks = [sinusoid(i) for i in range(3)]
    training = meta_training(ToyNetwork(), tasks, 320, AdamW())
    method(sampler=sampling).meta_train(training)
    assert training.budget.spent == 320


def test_a_batch_learnt_language_by_language_gives_the_same_step():
    """`loss` needs the loss of each language; its first draw is uniform in expectation only."""
    ends = []
    for watched in (False, True):
        network = ToyNetwork()
        training = meta_training(network, [sinusoid(1)], total=32)
        Joint(sampler="loss" if watched else "temperature").meta_train(training)
        ends.append(weights(network))
    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("sampling", ["loss", "adversarial"])
def test_a_language_that_is_harder_is_seen_more(sampling):
    easy, hard = sinusoid(1, 200), sinusoid(2, 200)
    easy.rows[:, -1] = 0.0
    training = meta_training(ToyNetwork(), [easy, hard], 3200, AdamW(lr=1e-2))
    Joint(sampler=sampling).meta_train(training)
    assert len(hard.handed_out) > 1.2 * len(easy.handed_out)


def test_one_utterance_languages_do_not_stop_a_mixed_batch():
    tasks = [CodeTask(1, 1), CodeTask(2)]
    training = meta_training(code_network(), tasks, total=64)
    Joint(sampler="temperature").meta_train(training)
    assert training.budget.spent == 64
