"""Learners that learn as one stack learn what each would learn alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from toys import CodeTask, adaptation, code_network, meta_training

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.errors import Diverged
from benchmark.methods.learning import captured, stacked
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.lockstep import Lockstep
from benchmark.methods.maml import Maml
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.keyword_cnn import KeywordCNN
from benchmark.models.networks.base import SpeechNetwork
from benchmark.registry import METHODS, OPTIMIZERS

LEARNERS = 5
DIVERGING = 2
STEPS = 20
NAMES = METHODS.names()
RATES = {"adamw": 1e-2, "sgd": 0.05, "lion": 1e-3, "muon": 1e-2}
EVERY_TRIPLE = "BENCHMARK_EVERY_STACK" in os.environ
"""Whether all methods are tried with all optimizers and models, which takes an hour."""

OFTEN = {("conformer", "joint"), *(("convolutions", name) for name in NAMES)}
TRIPLES = [
    (name, optimizer, model)
    for model in ("convolutions", "conformer", "keyword")
    for i, name in enumerate(NAMES)
    for j, optimizer in enumerate(("adamw", "sgd", "lion"))
    if EVERY_TRIPLE
    or (i % 3 == j and (model == "convolutions" or (name, model) == ("joint", "conformer")))
    if not (model == "keyword" and name in ("adapter", "cavia"))
    # Prototypes and frames move together: the gradient of the last shift is zero but for rounding,
    # and the step of Lion is its sign.
    if (name, optimizer) != ("protonet", "lion")
]
ALONE = {"joint_multihead"}
"""Methods whose meta-training cannot be stacked, because members differ in what a step is."""


def conformer(adapter: int, seed: int) -> SpeechNetwork:
    torch.manual_seed(seed)
    settings = ConformerCTC(dim=16, blocks=1, heads=2, ff=16, kernel=3, adapter=adapter)
    return settings.build(8, CodeTask.UNITS)


class Pictures(CodeTask):
    """The same with as many features as a classifier of words needs, and single words."""

    def chosen(self, rows: list[int]) -> Batch:
        batch = super().chosen(rows)
        return replace(batch, features=batch.features.repeat(1, 1, 8), targets=batch.targets[:, :1])


def keyword(adapter: int, seed: int) -> SpeechNetwork:
    """One that is narrow at its end, where it has nearly all of its weights."""
    torch.manual_seed(seed)
    network = KeywordCNN().build(64, CodeTask.UNITS)
    network.hidden = nn.Linear(64 * 16 * 16, 16)
    network.output = nn.Linear(16, CodeTask.UNITS)
    return network


def convolutions(adapter: int, seed: int) -> SpeechNetwork:
    return code_network(adapter, seed=seed)


Build = Callable[[int, int], SpeechNetwork]


def task(build: Build, seed: int) -> CodeTask:
    made = (Pictures if build is keyword else CodeTask)(seed, 30)
    made.features = made.features.double()
    return made


def learn(
    name: str, optimizer: str, build: Build, seed: int, diverges: bool = False, outer_steps: int = 3
) -> Tensor:
    """All weights after meta-training and adaptation of one learner, each of about 20 steps."""
    method, rate = METHODS.make(name), RATES[optimizer]
    if isinstance(method, Maml):
        method = replace(method, first_order_share=0.0)
    network = build(4 if name == "adapter" else 0, seed).double()
    rule = replace(OPTIMIZERS.make(optimizer), lr=1e200 if diverges else rate)
    cost = method.task_cost(1.0) * method.tasks if hasattr(method, "task_cost") else 16
    tasks = [task(build, 10 * seed + i) for i in range(2)]
    training = meta_training(network, tasks, outer_steps * cost, rule, seed=seed)
    if method.meta_trains:
        method.meta_train(training)
    own = replace(OPTIMIZERS.make(optimizer), lr=1e200 if diverges else rate * (1 + seed))
    run = adaptation(network, task(build, 10 * seed + 9), 4 * STEPS, own)
    run.learnt = {name: torch.nn.Parameter(p.clone()) for name, p in training.learnt.items()}
    replace(method, batch_size=4).adapt(run)
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def compare(name: str, optimizer: str, build: Build, diverging: int | None = None) -> None:
    """A stack against each of its learners alone; one of them may diverge."""
    runs = [partial(learn, name, optimizer, build, i, i == diverging) for i in range(LEARNERS)]
    together = Lockstep().run(runs)
    for i, (run, end) in enumerate(zip(runs, together, strict=True)):
        if i == diverging:
            with pytest.raises(Diverged) as alone:
                run()
            assert isinstance(end, Diverged)
            assert str(end).partition(" at ")[2] == str(alone.value).partition(" at ")[2]
        else:
            assert isinstance(end, Tensor), end
            torch.testing.assert_close(end, run(), rtol=1e-5, atol=1e-9)


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the stacks that learn."""
    sizes: list[int] = []
    run = stacked.run

    def told(members: list[Learner], loop: Callable[[Learner], None]) -> dict[int, Diverged]:
        sizes.append(len(members))
        return run(members, loop)

    monkeypatch.setattr(stacked, "run", told)
    return sizes


@pytest.mark.parametrize(("name", "optimizer", "model"), TRIPLES)
def test_a_stack_learns_what_its_learners_learn_alone(
    name: str, optimizer: str, model: str, stacks: list[int]
) -> None:
    compare(name, optimizer, globals()[model])
    method = METHODS.make(name)
    loops = 1 + (method.meta_trains and method.warm_start < 1 and name not in ALONE)
    assert stacks == [LEARNERS] * loops


@pytest.mark.parametrize("name", ["joint", "maml", "lora", "protonet"])
def test_the_others_of_a_stack_go_on_when_one_diverges(name: str) -> None:
    compare(name, "sgd", convolutions, DIVERGING)


def test_an_optimizer_that_looks_at_whole_matrices_steps_each_learner() -> None:
    compare("joint", "muon", convolutions)


class NoReading(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses operations for which the host would have to wait for a GPU."""

    aten = torch.ops.aten
    reading = frozenset(
        {
            aten._local_scalar_dense,
            aten.nonzero,
            aten.masked_select,
            aten.equal,
            aten.is_nonzero,
            aten.unique_consecutive,
            aten._unique2,
        }
    )

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if func.overloadpacket in self.reading:
            raise AssertionError(f"{func} reads a number back")
        if func.overloadpacket is self.aten.index and any(
            index is not None and index.dtype == torch.bool for index in args[1]
        ):
            raise AssertionError("an index of unknown size reads a number back")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", NAMES)
def test_replayed_steps_read_nothing_back_and_learn_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a number back stops the queue of a GPU, and cannot be captured. On a CPU a replay is
    a call, on what was drawn ahead."""
    runs = [partial(learn, name, "adamw", convolutions, i, outer_steps=4) for i in range(2)]
    compute, computed = captured.Steps._compute, []

    def watched(self, *arguments):  # type: ignore[no-untyped-def]
        computed.append(self)
        with NoReading():
            return compute(self, *arguments)

    monkeypatch.setattr(captured, "CAPTURED_ON", {"cpu"})
    monkeypatch.setattr(captured.Steps, "_compute", watched)
    together = Lockstep().run(runs)
    monkeypatch.undo()
    for end, run in zip(together, runs, strict=True):
        assert isinstance(end, Tensor), end
        torch.testing.assert_close(end, run(), rtol=1e-5, atol=1e-9)
    assert len(computed) >= STEPS - 2


def test_a_step_that_depends_on_more_than_it_says_is_not_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A graph would repeat for ever what its first step computed."""
    monkeypatch.setattr(captured, "CAPTURED_ON", {"cpu"})
    frozen = captured.Steps._captured
    steps = []

    def capture(self, program, drawn, stepper, accumulate):  # type: ignore[no-untyped-def]
        step = frozen(self, program, drawn, stepper, accumulate)
        first, now = len(steps), step.replay

        def replay():  # type: ignore[no-untyped-def]
            after, steps[first:] = steps[first:], []
            try:
                return now()
            finally:
                steps[first:] = after

        step.replay = replay
        return step

    monkeypatch.setattr(captured.Steps, "_captured", capture)

    def one(seed: int) -> Tensor:
        run = adaptation(code_network(seed=seed), CodeTask(seed), 4 * STEPS)

        def loop(learner: Learner) -> None:
            stepper = learner.stepper(learner.parameters(), STEPS)

            def accumulate() -> None:
                loss = learner.loss(run_of(learner).support.batch(4))
                stepper.backward(loss * (1 + len(steps)))

            for _ in range(STEPS):
                learner.advance(stepper, accumulate, alike="all")
                steps.append(None)

        def run_of(learner: Learner):  # type: ignore[no-untyped-def]
            return learner

        run.learn(loop, alike="loop")
        return torch.cat([p.detach().flatten() for p in run.network.parameters()])

    steps.clear()
    together = Lockstep().run([partial(one, 0), partial(one, 1)])
    monkeypatch.setattr(captured, "CAPTURED_ON", set())
    steps.clear()
    apart = Lockstep().run([partial(one, 0), partial(one, 1)])
    for a, b in zip(together, apart, strict=True):
        torch.testing.assert_close(a, b)


def test_an_episode_is_drawn_by_the_generator_of_each_learner() -> None:
    drawn: list[Episode] = []
    tasks = [CodeTask(i) for i in range(3)]
    for own in tasks:
        drawn.append(own.episode(2, 3))
    again = stacked.StackedTask(stacked.Draws(), [CodeTask(i) for i in range(3)])
    whole = again.episode(2, 3)
    for i, episode in enumerate(drawn):
        torch.testing.assert_close(whole.query.features[i], episode.query.features)
        torch.testing.assert_close(whole.support.targets[i], episode.support.targets)
