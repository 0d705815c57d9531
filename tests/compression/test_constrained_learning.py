"""Adaptation learns with what a compression takes, and the file holds what it has learnt with."""

from dataclasses import replace

import pytest
import torch
from spoken import Spoken, adaptation, loss, subject, technique

from benchmark.compression.chain.run import compress_subject
from benchmark.compression.constraints.constrained import (
    UNCONSTRAINED,
    WeightConstraints,
    constrained,
)
from benchmark.compression.constraints.masks import GradualPruning, Masks, cubic
from benchmark.compression.storage.weight import weights_of
from benchmark.errors import Unsupported
from benchmark.methods.learning import attachment, low_rank
from benchmark.methods.learning.adaptation import fine_tune
from benchmark.registry import METHODS, OPTIMIZERS

CHAINS = ["int4", "int2", "prune50", "prune70+int4", "int8+prune50"]


def limits(chain):
    return WeightConstraints(tuple(technique(name).during() for name in chain.split("+")))


def stored(start, network, chain):
    """What the file holds of a network that has learnt with a chain."""
    names = chain.split("+")
    adapted = start.with_weights(weights_of(network.state_dict()))
    return compress_subject(adapted, [technique(n) for n in names], names, learnt=True).subject


@pytest.mark.parametrize("chain", CHAINS)
def test_the_file_has_the_loss_that_the_last_step_would_have_seen(chain):
    start, task = subject("conv_ctc"), Spoken(16)
    network = start.network()
    learning = adaptation(network, task, 56)
    with constrained(limits(chain), learning) as limited:
        fine_tune(limited, 8)
        limited.budget.total += len(task)
        with torch.enable_grad():
            seen = float(limited.loss(task.all()).detach())
    made = stored(start, network, chain)
    assert loss(made.network(), task) == pytest.approx(seen, rel=1e-6)
    assert (loss(network, task) != seen) == ("int" in chain), "the weights themselves are rounded"


def test_a_network_that_learns_on_the_grid_is_better_on_it_than_one_that_does_not():
    start, task = subject("conv_ctc"), Spoken(24)
    aware, plain = start.network(), start.network()
    fine_tune(adaptation(plain, task, 400), 8)
    with constrained(limits("int2"), adaptation(aware, task, 400)) as limited:
        fine_tune(limited, 8)
    of_aware, of_plain = (stored(start, network, "int2").network() for network in (aware, plain))
    assert loss(of_aware, task) < 0.7 * loss(of_plain, task)


def test_gradients_pass_straight_through_the_rounding():
    values = torch.tensor([[0.31, -0.8], [0.02, 0.5]], requires_grad=True)
    seen = technique("int3").during().effective_values("w", values)
    assert not torch.equal(seen, values)
    (seen * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert values.grad.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("done", "expected"), [(0.0, 0.0), (0.25, 46.25), (0.5, 70.0), (1.0, 80.0), (2.0, 80.0)]
)
def test_pruning_follows_the_cubic_schedule(done, expected):
    # Zhu and Gupta 2017, equation 1, with s_i = 0 and s_f = 80 %.
    assert cubic(80.0, done) == pytest.approx(expected)


def test_weights_are_pruned_ever_more_and_then_left_alone():
    start, task = subject("conv_ctc"), Spoken(16)
    network, pruning = start.network(), GradualPruning(60)
    matrices = sum(p.numel() for p in network.parameters() if p.dim() >= 2)
    shares, masks = [], []
    learning = adaptation(network, task, 160)
    learning.progress = lambda spent, total: (
        shares.append(1 - sum(int(m.sum()) for m in pruning.masks.values()) / matrices),
        masks.append({n: m.clone() for n, m in pruning.masks.items()}),
    )
    with constrained(WeightConstraints((pruning,)), learning) as limited:
        fine_tune(limited, 8)
    expected = [0.6 * (1 - (1 - min(1, step / 20 / 0.75)) ** 3) for step in range(1, 21)]
    assert shares == pytest.approx(expected, abs=1e-3)
    assert all(torch.equal(masks[14][n], masks[19][n]) for n in masks[0])
    for name, mask in masks[-1].items():
        assert torch.equal(network.get_parameter(name) != 0, mask)
        assert not network.get_parameter(name).masked_select(~mask).signbit().any()


@pytest.mark.parametrize("name", ["sgd", "adamw", "muon", "schedulefree_adamw", "soap"])
def test_what_is_pruned_stays_pruned_whatever_the_optimizer(name):
    network, task = subject("conv_ctc").network(), Spoken(16)
    zeros = {n: torch.rand(p.shape) < 0.5 for n, p in network.named_parameters() if p.dim() >= 2}
    with torch.no_grad():
        for parameter, zero in zeros.items():
            network.get_parameter(parameter).masked_fill_(zero, 0.0)
    before = loss(network, task)
    learning = adaptation(network, task, 64, OPTIMIZERS.make(name))
    with constrained(
        WeightConstraints((Masks({n: ~zero for n, zero in zeros.items()}),)), learning
    ) as limited:
        fine_tune(limited, 8)
    for parameter, zero in zeros.items():
        assert torch.equal(network.get_parameter(parameter) == 0, zero)
    assert loss(network, task) != before


def test_weights_in_codes_do_not_move_and_the_others_do():
    network, task = subject("conv_ctc").network(), Spoken(16)
    before = {n: p.detach().clone() for n, p in network.named_parameters()}
    fixed = frozenset(n for n, p in network.named_parameters() if p.dim() >= 2)
    with constrained(WeightConstraints((), fixed), adaptation(network, task, 32)) as limited:
        assert not fixed & limited.parameters().keys()
        fine_tune(limited, 8)
    moved = {n for n, p in network.named_parameters() if not torch.equal(p, before[n])}
    assert moved == before.keys() - fixed


def test_without_limits_adaptation_is_what_it_was():
    task = Spoken(16)
    free, plain = subject("conv_ctc").network(), subject("conv_ctc").network()
    with constrained(UNCONSTRAINED, adaptation(free, task, 32)) as limited:
        fine_tune(limited, 8)
    fine_tune(adaptation(plain, Spoken(16), 32), 8)
    assert all(torch.equal(free.state_dict()[n], v) for n, v in plain.state_dict().items())


@pytest.mark.parametrize("method", ["joint", "soup", "lora", "partial", "head_only"])
@pytest.mark.parametrize("chain", ["int4", "prune50"])
def test_methods_adapt_under_limits_and_leave_a_plain_network(method, chain):
    start, task = subject("conv_ctc"), Spoken(16)
    network = start.network()
    learning = adaptation(network, task, 48)
    with constrained(limits(chain), learning) as limited:
        METHODS.make(method).adapt(limited)
    assert learning.budget.spent == 48
    assert network.state_dict().keys() == start.weights.keys()
    before = start.network()
    assert any(not torch.equal(p, before.state_dict()[n]) for n, p in network.state_dict().items())
    # A zero of the mask is one of the file, low-rank changes included.
    share = [p for n, p in network.named_parameters() if p.dim() >= 2]
    zeros = sum(int((p == 0).sum()) for p in share) / sum(p.numel() for p in share)
    assert zeros == pytest.approx(0.5 if chain == "prune50" else 0.0, abs=1e-3)


def test_a_method_that_changes_codes_is_told_that_it_cannot():
    network = subject("conv_ctc").network()
    low_rank.attach(network, 2, 2.0)
    limited = WeightConstraints((), frozenset({"blocks.0.expand.weight"}))
    with (
        pytest.raises(
            Unsupported, match=r"changes blocks\.0\.expand\.weight, which is stored as codes"
        ),
        constrained(limited, adaptation(network, Spoken(8), 8)) as learning,
    ):
        fine_tune(learning, 8)
    attachment.detach(network)


def test_a_line_search_cannot_prune_on_its_way():
    learning = adaptation(subject("conv_ctc").network(), Spoken(8), 80)
    learning = replace(learning, optimizer=OPTIMIZERS.make("lbfgs"))
    with (
        pytest.raises(Unsupported, match="minimises one fixed loss"),
        constrained(limits("prune50"), learning),
    ):
        pass
    with constrained(limits("int8"), learning) as limited:
        fine_tune(limited, 8)


@pytest.mark.parametrize("name", ["svd50", "structured30", "layer_drop1", "fp16", "clip"])
def test_techniques_without_such_a_form_say_so(name):
    assert "does not support training" in technique(name).not_during()
    assert "a percent" in technique("prune", threshold=0.1).not_during()
