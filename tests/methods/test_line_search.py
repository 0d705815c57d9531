"""L-BFGS in adaptation: what it finds, and what it pays."""

import pytest
import torch
from toys import ToyNetwork, adaptation, meta_training, sinusoid, weights

from benchmark.errors import Unsupported
from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.scratch import Scratch
from benchmark.optimizers.lbfgs import Lbfgs
from benchmark.optimizers.sgd import Sgd

BUDGET = 20 * 60


def adapt(total, optimizer, batch_size=8):
    """The mean loss over all 20 utterances, and the run, after adaptation with `total`."""
    network, task = ToyNetwork(), sinusoid(0, 20)
    run = adaptation(network, task, total, optimizer)
    Scratch(batch_size=batch_size).adapt(run)
    return network.loss(task.episode(0, 20).query).item(), run


def test_it_ends_where_the_optimizer_of_torch_ends_on_the_same_loss():
    network, task = ToyNetwork(), sinusoid(0, 20)
    whole = task.episode(0, 20).query
    reference = torch.optim.LBFGS(
        network.parameters(), lr=1.0, max_iter=8, history_size=10, line_search_fn="strong_wolfe"
    )
    evaluations = 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        reference.zero_grad()
        loss = network.loss(whole)
        loss.backward()
        return loss

    reference.step(closure)
    _, run = adapt(20 * evaluations, Lbfgs())
    assert run.budget.spent == 20 * evaluations
    torch.testing.assert_close(weights(run.network), weights(network), rtol=1e-6, atol=1e-8)


def test_every_point_that_it_tries_is_paid_for_and_what_is_too_little_for_one_is_left():
    _, run = adapt(20 * 7 + 19, Lbfgs())
    assert run.budget.spent == 20 * 7
    assert run.step == 7
    assert run.facts["optimizer_state_bytes"] > 0


def test_a_budget_that_ends_within_a_search_leaves_the_best_point_that_was_paid_for():
    losses = [adapt(20 * evaluations, Lbfgs())[0] for evaluations in range(1, 20)]
    assert losses == sorted(losses, reverse=True)


def test_on_a_smooth_problem_it_beats_gradient_descent_at_the_same_price():
    newton, _ = adapt(BUDGET, Lbfgs())
    descent = min(adapt(BUDGET, Sgd(lr=lr))[0] for lr in (0.03, 0.1, 0.3))
    assert newton < 0.5 * descent


def test_a_budget_too_small_for_one_evaluation_is_unsupported_with_the_numbers():
    with pytest.raises(Unsupported, match=r"all 20 utterances .* the budget is 19"):
        adapt(19, Lbfgs())


@pytest.mark.parametrize("method", [Joint(), Fomaml()], ids=lambda m: type(m).__name__)
def test_meta_training_draws_new_batches_and_cannot_use_it(method):
    with pytest.raises(Unsupported, match="Lbfgs minimises one fixed loss"):
        method.meta_train(meta_training(ToyNetwork(), [sinusoid(0)], 320, outer=Lbfgs()))
