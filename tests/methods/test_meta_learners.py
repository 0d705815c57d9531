"""Meta-gradients of the other meta-learners, against finite differences and closed forms."""

import copy
from functools import partial

import pytest
import torch
from toys import (
    PLAIN,
    CodeTask,
    Quadratic,
    ToyNetwork,
    ToyTask,
    adaptation,
    code_network,
    meta_training,
    sinusoid,
    weights,
)

from benchmark.data.task import Episode
from benchmark.methods.anil import Anil
from benchmark.methods.boil import Boil
from benchmark.methods.cavia import Cavia
from benchmark.methods.fdmaml import Fdmaml
from benchmark.methods.imaml import Imaml
from benchmark.methods.learning import attachment, context, step_sizes
from benchmark.methods.learning.implicit import conjugate_gradients
from benchmark.methods.learning.inner import query_gradient
from benchmark.methods.learning.selection import body_parameters, head_parameters
from benchmark.methods.mamlpp import Mamlpp
from benchmark.methods.meta_lora import MetaLora
from benchmark.methods.meta_sgd import MetaSgd
from benchmark.methods.protonet import Protonet
from benchmark.methods.unicorn import Unicorn

EXACT = {"inner_lr": 0.05, "support": 5, "query": 5, "first_order_share": 0.0}


def flat(gradients) -> torch.Tensor:
    return torch.cat([g.flatten() for g in gradients.values()])


class OneEpisode(ToyTask):
    """A language whose episodes are all the same."""

    def episode(self, support: int, query: int) -> Episode:
        self.generator.seed(0)
        return super().episode(support, query)


def task() -> OneEpisode:
    return OneEpisode("sine", sinusoid(1).rows)


def numeric(function, parameters, step=1e-5) -> torch.Tensor:
    """Central differences of `function()` by every element of `parameters`."""
    slopes = []
    for parameter in parameters:
        values = parameter.data.view(-1)
        for i in range(len(values)):
            ends = []
            for sign in (1, -1):
                values[i] += sign * step
                ends.append(function())
                values[i] -= sign * step
            slopes.append((ends[0] - ends[1]) / (2 * step))
    return torch.tensor(slopes, dtype=torch.float64)


def query_loss_after(method, training, moving=None) -> float:
    """The query loss after an inner loop by torch alone on the parameters named."""
    support, query = training.tasks[0].episode(method.support, method.query)
    network = copy.deepcopy(training.network)
    learning = [p for n, p in network.named_parameters() if moving is None or n in moving]
    optimizer = torch.optim.SGD(learning, lr=method.inner_lr)
    for _ in range(method.inner_steps):
        network.zero_grad()
        network.loss(support).backward()
        if method.inner_clip:
            torch.nn.utils.clip_grad_norm_(learning, method.inner_clip)
        optimizer.step()
    return network.loss(query).item()


@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize(("method", "part"), [(Anil, head_parameters), (Boil, body_parameters)])
def test_anil_and_boil_equal_finite_differences(method, part, clip):
    method = method(**EXACT, inner_steps=2, inner_clip=clip)
    training = meta_training(ToyNetwork(), [task()], total=1000)
    ours = flat(method.task_gradient(training, training.tasks[0], 1.0))
    loss = partial(query_loss_after, method, training, part(training.network))
    theirs = numeric(loss, training.parameters().values())
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("second_order", [False, True])
def test_anil_with_cached_hidden_frames_is_anil_without(second_order):
    torch.set_default_dtype(torch.float64)
    try:
        network = code_network()
        languages = [CodeTask(1)]
    finally:
        torch.set_default_dtype(torch.float32)
    languages[0].features = languages[0].features.double()
    method = Anil(first_order_share=0.0 if second_order else 1.0)
    training = meta_training(network, languages, total=1000)
    cached = flat(method.task_gradient(training, languages[0], 0.5))
    cost = training.budget.spent
    languages[0].generator.seed(1)
    uncached = flat(
        query_gradient(
            training,
            languages[0].episode(8, 8),
            method.inner_steps,
            method.update(),
            method.inner_clip,
            second_order,
            head_parameters(network),
        )
    )
    assert (cached - uncached).norm() < 1e-12 * uncached.norm()
    assert training.budget.spent == 2 * cost == 2 * method.task_cost(0.5)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_finite_differences_of_gradients_give_the_exact_meta_gradient(clip):
    torch.manual_seed(0)
    network = code_network().double()
    language = CodeTask(1)
    language.features = language.features.double()
    training = meta_training(network, [language], total=1000)
    method = Fdmaml(inner_clip=clip, inner_lr=0.1)
    ours = flat(method.task_gradient(training, language, 0.0))
    assert training.budget.spent == method.task_cost(0.0)
    language.generator.seed(1)
    exact = flat(query_gradient(training, language.episode(8, 8), 3, method.update(), clip, True))
    assert (ours - exact).norm() < 1e-5 * exact.norm()
    language.generator.seed(1)
    first = query_gradient(training, language.episode(8, 8), 3, method.update(), clip, False)
    assert (flat(first) - exact).norm() > 1e-2 * exact.norm()


def test_imaml_equals_its_closed_form_on_a_quadratic():
    """The inner optimum of c/2 (x - t)^2 + l/2 (x - m)^2 is (c t + l m) / (c + l); the
    meta-gradient is the query's gradient there, times l / (c + l)."""
    c, t, m, proximity = 3.0, 1.0, 0.2, 2.0
    network = Quadratic(m)
    language = ToyTask("steep", torch.tensor([[c, t]], dtype=torch.float64).repeat(4, 1))
    method = Imaml(
        support=2, query=2, inner_steps=100, inner_lr=0.1, inner_clip=None, proximity=proximity
    )
    training = meta_training(network, [language], total=1000)
    ours = method.task_gradient(training, language, 0.0)["point"].item()
    optimum = (c * t + proximity * m) / (c + proximity)
    assert ours == pytest.approx(c * (optimum - t) * proximity / (c + proximity), rel=1e-9)
    assert training.budget.spent == method.task_cost(0.0) == 101 * 2 + 2


def test_imaml_is_the_derivative_of_the_query_loss_at_the_inner_optimum():
    method = Imaml(
        support=5,
        query=5,
        inner_steps=2000,
        inner_lr=0.1,
        inner_clip=None,
        proximity=2.0,
        solver_steps=40,
    )
    training = meta_training(ToyNetwork(hidden=2), [task()], total=100_000)
    ours = flat(method.task_gradient(training, training.tasks[0], 0.0))

    def end() -> float:
        support, query = training.tasks[0].episode(5, 5)
        network, start = copy.deepcopy(training.network), weights(training.network)
        optimizer = torch.optim.LBFGS(
            network.parameters(), max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-16
        )

        def loss() -> torch.Tensor:
            network.zero_grad()
            now = torch.cat([p.flatten() for p in network.parameters()])
            value = network.loss(support) + ((now - start) ** 2).sum()
            value.backward()
            return value

        optimizer.step(loss)
        return network.loss(query).item()

    theirs = numeric(end, training.parameters().values(), step=1e-4)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_conjugate_gradients_solve_in_as_many_steps_as_there_are_unknowns():
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    matrix, target = root @ root.T + torch.eye(6), torch.arange(6, dtype=torch.float64)
    found = conjugate_gradients(lambda v: matrix @ v, target, steps=6)
    torch.testing.assert_close(found, torch.linalg.solve(matrix, target))
    downhill = conjugate_gradients(lambda v: -v, target, steps=6)
    assert torch.equal(downhill, target)


@pytest.mark.parametrize("method", [MetaSgd, Mamlpp])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_learnt_step_sizes_get_the_gradient_that_finite_differences_give(method, share):
    """Without second order too, where gradients count as constants: then of the last step."""
    settings = {**EXACT, "first_order_share": share, "inner_clip": 0.5, "inner_steps": 1}
    method = method(**settings)
    training = meta_training(ToyNetwork(hidden=3), [task()], total=10_000)
    shape = (lambda p: p.shape) if isinstance(method, MetaSgd) else (lambda p: torch.Size([1]))
    step_sizes.start(training, 0.05, shape)
    ours = method.task_gradient(training, training.tasks[0], 0.9)

    def loss() -> float:
        support, query = training.tasks[0].episode(5, 5)
        network = copy.deepcopy(training.network)
        network.loss(support).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        with torch.no_grad():
            for name, p in network.named_parameters():
                p -= training.learnt[step_sizes.PREFIX + name].exp() * p.grad
        return network.loss(query).item()

    for name, p in training.learnt.items():
        torch.testing.assert_close(ours[name].flatten(), numeric(loss, [p]), rtol=1e-6, atol=1e-8)
    if share == 0.0:
        shared = training.parameters()
        exact = torch.cat([ours[name].flatten() for name in shared])
        torch.testing.assert_close(exact, numeric(loss, shared.values()), rtol=1e-6, atol=1e-7)


def test_adaptation_keeps_the_proportions_of_learnt_step_sizes():
    network, language = ToyNetwork(hidden=3), task()
    training = meta_training(network, [language], total=0)
    MetaSgd().meta_train(training)
    with torch.no_grad():
        for i, sizes in enumerate(training.learnt.values()):
            sizes.fill_(float(1 + i))
    start = copy.deepcopy(network)
    language.rows = language.rows[:8]
    start.loss(language.batch(8)).backward()
    run = adaptation(network, language, 8, PLAIN)
    run.learnt = training.learnt
    MetaSgd().adapt(run)
    counts = torch.tensor([p.numel() for p in network.parameters()])
    mean = (counts * torch.arange(1, 5)).sum() / counts.sum()
    for i, (after, before) in enumerate(zip(network.parameters(), start.parameters(), strict=True)):
        expected = before - 0.1 * (1 + i) / mean * before.grad
        torch.testing.assert_close(after, expected)


def test_multi_step_weights_start_alike_and_end_at_the_last_step():
    method = Mamlpp(inner_steps=5, multi_step_share=0.2)
    assert method.step_weights(0.0) == pytest.approx([0.2] * 5)
    early = method.step_weights(0.199999)
    assert early[0] == pytest.approx(0.03 / 5, rel=1e-3)
    assert sum(early) == pytest.approx(1)
    assert method.step_weights(0.2) == [0, 0, 0, 0, 1]
    assert method.task_cost(0.0) == 5 * 8 + 5 * 8
    assert method.task_cost(0.5) == 5 * 8 + 8


def test_the_rows_of_unicorn_stay_alike():
    network = code_network()
    training = meta_training(network, [CodeTask(1), CodeTask(2)], total=400)
    Unicorn().meta_train(training)
    rows = network.output.weight[1:]
    assert torch.equal(rows, rows[:1].expand_as(rows))
    assert not torch.equal(network.output.weight[0], rows[0])


def test_cavia_differentiates_through_the_context_that_all_norms_share():
    network = code_network().double()
    language = CodeTask(1)
    language.features = language.features.double()
    method = Cavia(size=2, inner_steps=2, inner_lr=0.3)
    context.attach(network, 2)
    training = meta_training(network, [language], total=1000)
    ours = method.task_gradient(training, language, 1.0)
    name = context.name_of_context(network)
    assert ours[name].tolist() == [0, 0]

    def loss() -> float:
        language.generator.seed(1)
        support, query = language.episode(8, 8)
        moved = copy.deepcopy(network)
        for _ in range(2):
            moved.zero_grad()
            moved.loss(support).backward()
            p = moved.get_parameter(name)
            torch.nn.utils.clip_grad_norm_([p], 1.0)
            p.data -= 0.3 * p.grad
        return moved.loss(query).item()

    for generator in attachment.attached_parameters(network) - {name}:
        values = network.get_parameter(generator)
        if values.numel() <= 40 and "blocks" in generator:
            theirs = numeric(loss, [values])
            torch.testing.assert_close(ours[generator].flatten(), theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("method", [Anil(), Protonet(), Cavia(), MetaLora()])
def test_mixed_precision_points_the_same_way(method):
    ends = []
    for autocast in (None, torch.bfloat16):
        network = code_network()
        start = network.output.weight.detach().clone()
        training = meta_training(network, [CodeTask(1), CodeTask(2)], total=160)
        training.autocast = autocast
        method.meta_train(training)
        run = adaptation(network, CodeTask(9), 16)
        run.learnt, run.autocast = training.learnt, autocast
        method.adapt(run)
        ends.append((network.output.weight - start).flatten())
    assert torch.cosine_similarity(*ends, dim=0) > 0.9
