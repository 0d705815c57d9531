"""Meta-gradients against finite differences and against the formulas of their papers."""

import pytest
import torch
from toys import PLAIN, ToyNetwork, as_batch, meta_training, sinusoid, weights

from benchmark.data.collate import concatenate
from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.learning.inner import gradient, query_gradient
from benchmark.methods.maml import Maml
from benchmark.methods.reptile import Reptile

LR = 0.05


def flat(gradients) -> torch.Tensor:
    return torch.cat([g.flatten() for g in gradients.values()])


def descend(network, batches, lr=LR, clip=None):
    """Plain gradient descent by torch alone, in place."""
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    for batch in batches:
        optimizer.zero_grad()
        network.loss(batch).backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()


def plain_gradient(network, batch) -> torch.Tensor:
    loss = network.loss(batch)
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(network.parameters()))])


def loss_after_adaptation(start, episode, steps, clip) -> float:
    network = ToyNetwork()
    torch.nn.utils.vector_to_parameters(start, network.parameters())
    descend(network, [episode.support] * steps, clip=clip)
    with torch.no_grad():
        return network.loss(episode.query).item()


@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("steps", [1, 3])
def test_exact_maml_equals_finite_differences(steps, clip):
    network, episode = ToyNetwork(), sinusoid(1).episode(5, 5)
    training = meta_training(network, [], total=1000)
    update = Maml(inner_lr=LR).update()
    exact = flat(query_gradient(training, episode, steps, update, clip, second_order=True))
    start, step = weights(network), 1e-5
    numeric = torch.tensor(
        [
            loss_after_adaptation(start + d, episode, steps, clip)
            - loss_after_adaptation(start - d, episode, steps, clip)
            for d in step * torch.eye(len(start), dtype=torch.float64)
        ],
        dtype=torch.float64,
    ) / (2 * step)
    torch.testing.assert_close(exact, numeric, rtol=1e-6, atol=1e-7)


def test_the_inner_loop_leaves_the_shared_weights_alone():
    network = ToyNetwork()
    before = weights(network)
    training = meta_training(network, [sinusoid(1)], total=1000)
    Maml(first_order_share=0.0).task_gradient(training, training.tasks[0], 0.0)
    assert torch.equal(weights(network), before)
    assert all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize("clip", [None, 0.5])
def test_fomaml_is_the_query_gradient_at_the_adapted_weights(clip):
    episode = sinusoid(1).episode(5, 5)
    training = meta_training(ToyNetwork(), [], total=1000)
    update = Fomaml(inner_lr=LR).update()
    ours = flat(query_gradient(training, episode, 3, update, clip, second_order=False))
    adapted = ToyNetwork()
    descend(adapted, [episode.support] * 3, clip=clip)
    torch.testing.assert_close(ours, plain_gradient(adapted, episode.query))


def test_maml_differs_from_fomaml_where_the_loss_is_curved():
    episode = sinusoid(1).episode(5, 5)
    training = meta_training(ToyNetwork(), [], total=1000)
    update = Maml(inner_lr=LR).update()
    first, exact = (
        flat(query_gradient(training, episode, 3, update, None, second_order))
        for second_order in (False, True)
    )
    assert (first - exact).norm() > 0.1 * exact.norm()


@pytest.mark.parametrize("method", [Fomaml(inner_steps=0), Maml(inner_lr=0.0)])
@pytest.mark.parametrize("second_order", [False, True])
def test_without_adaptation_the_meta_gradient_is_the_joint_one(method, second_order):
    network, episode = ToyNetwork(), sinusoid(1).episode(5, 5)
    training = meta_training(network, [], total=1000)
    ours = query_gradient(
        training, episode, method.inner_steps, method.update(), method.inner_clip, second_order
    )
    torch.testing.assert_close(flat(ours), plain_gradient(network, episode.query))


def test_annealing_starts_first_order_and_ends_exact():
    method = Maml(inner_lr=LR, inner_clip=None, first_order_share=0.5)
    expected = {0.0: False, 0.49: False, 0.5: True, 1.0: True}
    for done, second_order in expected.items():
        training = meta_training(ToyNetwork(), [sinusoid(1)], total=1000)
        ours = method.task_gradient(training, training.tasks[0], done)
        episode = sinusoid(1).episode(8, 8)
        theirs = query_gradient(training, episode, 3, method.update(), None, second_order)
        torch.testing.assert_close(flat(ours), flat(theirs))


def test_reptile_with_a_step_size_moves_that_share_of_the_way_to_the_mean_of_adapted_weights():
    """Nichol et al. 2018, the batched update of section 3: phi + eps/n sum (W - phi)."""
    network, tasks = ToyNetwork(), [sinusoid(1), sinusoid(2)]
    method = Reptile(inner_steps=3, inner_lr=LR, inner_clip=None, tasks=2, support=5, step_size=0.3)
    start = weights(network)
    method.meta_train(meta_training(network, tasks, total=30))
    ends = []
    for seed in (1, 2):
        adapted, task = ToyNetwork(), sinusoid(seed)
        descend(adapted, [task.batch(5) for _ in range(3)])
        ends.append(weights(adapted))
    expected = start + 0.3 * (torch.stack(ends).mean(0) - start)
    torch.testing.assert_close(weights(network), expected)


def test_reptile_with_one_inner_step_is_joint_training():
    one, other = ToyNetwork(), ToyNetwork()
    reptile = Reptile(
        inner_steps=1, inner_lr=LR, inner_clip=None, tasks=1, support=4, step_size=0.5
    )
    reptile.meta_train(meta_training(one, [sinusoid(1)], total=40))
    outer = type(PLAIN)(lr=0.5 * LR, schedule="constant", warmup=0.0, clip=None)
    joint = Joint(train_batch=4)
    joint.meta_train(meta_training(other, [sinusoid(1)], total=40, outer=outer))
    torch.testing.assert_close(weights(one), weights(other))


def test_each_task_is_clipped_on_its_own_before_the_mean():
    network = ToyNetwork()
    training = meta_training(network, [sinusoid(1), sinusoid(2)], total=16)
    episodes = [sinusoid(1).episode(2, 4), sinusoid(2).episode(2, 4)]
    start = weights(network)
    pulls = [plain_gradient(network, episode.query) for episode in episodes]
    limit = min(pull.norm() for pull in pulls).item() / 2
    training.outer = type(PLAIN)(lr=1.0, schedule="constant", warmup=0.0, clip=limit)
    method = Fomaml(inner_steps=0, support=2, query=4, tasks=2, outer_lr_scale=1.0)
    training.budget.total = 8
    method.meta_train(training)
    expected = start - sum(limit * pull / pull.norm() for pull in pulls) / 2
    torch.testing.assert_close(weights(network), expected)


def test_joint_weighs_every_utterance_of_a_mixed_batch_alike():
    network, tasks = ToyNetwork(), [sinusoid(1), sinusoid(2), sinusoid(3)]
    start = weights(network)
    Joint(train_batch=6).meta_train(meta_training(network, tasks, total=6))
    rows = torch.cat([task.rows[task.handed_out] for task in tasks])
    assert [len(task.handed_out) for task in tasks] == [2, 2, 2]
    expected = start - 0.1 * plain_gradient(ToyNetwork(), as_batch(rows))
    torch.testing.assert_close(weights(network), expected)


def test_batches_of_different_lengths_are_padded_with_zeros():
    short, long = as_batch(torch.ones(2, 3)), as_batch(torch.ones(1, 3))
    long.features = torch.full((1, 4, 3), 2.0)
    mixed = concatenate([short, long])
    assert mixed.features.shape == (3, 4, 3)
    assert mixed.features.sum(dim=(1, 2)).tolist() == [3.0, 3.0, 24.0]
    assert len(mixed.lengths) == len(mixed.targets) == len(mixed.target_lengths) == 3


def test_a_parameter_that_the_loss_does_not_use_gets_zeros():
    network = ToyNetwork()
    network.unused = torch.nn.Linear(2, 2, dtype=torch.float64)
    training = meta_training(network, [], total=100)
    loss = training.loss(sinusoid(1).batch(4))
    assert gradient(loss, training.parameters())["unused.weight"].abs().sum() == 0
