"""Learners that take the same steps, as one learner with tensors (S, ...).

The loops of `fine_tune`, `train_jointly` and `meta_learn`, and the methods that they call, are
written for one learner. A stacked learner stands in for it: inside a step its weights and batches
look like those of one (`benchmark.stacking`), and what is drawn is drawn for each member by its own
generator. A stack of one has no leading dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self, TypeVar

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.errors import Diverged, Unstackable
from benchmark.methods.base import Sampling
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.captured import Steps
from benchmark.methods.learning.draws import Draws, StackedSampler, StackedTask
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.sampler import Sampler
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.stacked import StackedStepper, stacked_stepper
from benchmark.stacking import call_with, joined, split, stack

L = TypeVar("L", bound=Learner)


class Weights:
    """The parameters and buffers of the networks of all members, and what they learn besides."""

    def __init__(self, members: Sequence[Learner]) -> None:
        self.members = members
        self.network = _whole([_state(member.network) for member in members])
        self.learnt = _whole([dict(member.learnt) for member in members])

    def tensors(self) -> list[Tensor]:
        """All of them."""
        return [*self.network.values(), *self.learnt.values()]

    def trainable(self) -> dict[str, Tensor]:
        """Those of the networks that are trained."""
        return {name: t for name, t in self.network.items() if t.requires_grad}

    @torch.no_grad()
    def write_back(self) -> None:
        """Give each member its own."""
        for i, member in enumerate(self.members):
            for own, those in (
                (_state(member.network), self.network),
                (member.learnt, self.learnt),
            ):
                for name, whole in those.items():
                    own[name].copy_(whole[i] if len(self.members) > 1 else whole)


def _state(network: nn.Module) -> dict[str, Tensor]:
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


def _whole(tensors: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    whole = {}
    for name, first in tensors[0].items():
        own = [each[name].detach() for each in tensors]
        together = torch.stack(own) if len(own) > 1 else own[0].clone()
        whole[name] = together.requires_grad_(first.requires_grad)
    return whole


@dataclass(kw_only=True)
class StackedLearner(Learner):
    """What stacked learners of all kinds have in common; see `Learner`.

    lost  the members that diverged
    """

    members: Sequence[Learner]
    weights: Weights
    draws: Draws
    lost: dict[int, Diverged] = field(default_factory=dict)

    @cached_property
    def steps(self) -> Steps:
        """What takes the steps."""
        return Steps(self)

    @property
    def device(self) -> torch.device:
        return next(iter(self.weights.network.values())).device

    def parameters(self) -> dict[str, nn.Parameter]:
        trained = self.weights.trainable()
        return {name: split(whole) for name, whole in trained.items()}  # type: ignore[misc]

    def stepper(
        self,
        parameters: Mapping[str, Tensor],
        total_steps: int,
        derive: Callable[[Optimizer], Optimizer] = lambda rule: rule,
    ) -> StackedStepper:
        rules = [derive(member.rule) for member in self.members]
        return stacked_stepper(rules, list(parameters.values()), total_steps, self.check)

    def advance(self, stepper: Any, accumulate: Callable[[], None], alike: Hashable = None) -> None:
        self.steps.take(stepper, accumulate, alike)
        self.finish_step()

    def compute(self, function: Callable[[], None]) -> None:
        """Call a function in which weights and batches are those of one member."""
        size = len(self.members)
        level: AbstractContextManager[None] = stack(size) if size > 1 else nullcontext()
        with level:
            self.learnt = {n: split(t) for n, t in self.weights.learnt.items()}  # type: ignore[misc]
            call_with(self.network, self.weights.network, function)
        self.learnt = dict(self.weights.learnt)  # type: ignore[arg-type]

    def check(self, value: Tensor, name: str) -> None:
        self.finiteness.note(joined(value), name, self.step + 1)
        if self.finiteness.due:
            self.look()

    def look(self) -> None:
        """Take note of the members that diverged. Raises Diverged once all have."""
        for i, fault in self.finiteness.faults().items():
            self.lost.setdefault(i, Diverged(fault))
        if len(self.lost) == len(self.members):
            raise self.lost[0]

    def finish_step(self) -> None:
        self.step += 1
        for member in self.members:
            member.progress(self.budget.spent, self.budget.total)

    def conclude_members(self) -> None:
        """Give the members what was learnt."""
        self.weights.write_back()
        for member in self.members:
            member.budget.spent, member.step = self.budget.spent, self.step
            member.facts |= self.facts


@dataclass(kw_only=True)
class StackedAdaptation(StackedLearner, Adaptation):
    """Adaptations in lockstep."""

    members: Sequence[Adaptation]

    @classmethod
    def of(cls, members: Sequence[Adaptation]) -> Self:
        """The members as one."""
        first, common = members[0], _common(members)
        return cls(
            **common,
            support=StackedTask(common["draws"], [member.support for member in members]),
            optimizer=first.optimizer,
            keep_at=first.keep_at,
        )

    def snapshot(self) -> None:
        if self.keeps:
            self.weights.write_back()
            for i, member in enumerate(self.members):
                member.step = self.step
                if i not in self.lost:
                    member.snapshot()


@dataclass(kw_only=True)
class StackedTraining(StackedLearner, MetaTraining):
    """Meta-training in lockstep."""

    members: Sequence[MetaTraining]

    @classmethod
    def of(cls, members: Sequence[MetaTraining]) -> Self:
        """The members as one."""
        first, common = members[0], _common(members)
        tasks = zip(*(member.tasks for member in members), strict=True)
        return cls(
            **common,
            tasks=[StackedTask(common["draws"], list(each)) for each in tasks],
            outer=first.outer,
            head=first.head,
        )

    def sampler(self, sampling: Sampling) -> Sampler:
        return StackedSampler(self.draws, [member.sampler(sampling) for member in self.members])

    def mixed_batch(self, sampler: Sampler, size: int) -> Batch:
        assert isinstance(sampler, StackedSampler)
        return sampler.mixed_batch(size)

    def token_map(self) -> Callable[[Batch], Batch]:
        if self.head != "fresh":
            return lambda batch: batch
        count = self.network.num_units
        generators = [member.generator for member in self.members]

        def orders() -> Tensor:
            rows = [generator.sample(range(count), count) for generator in generators]
            return torch.tensor(rows if len(rows) > 1 else rows[0]).to(self.device)

        order = split(self.draws.take(orders))

        def respell(batch: Batch) -> Batch:
            spelt = order[batch.targets.flatten()].view_as(batch.targets)
            return replace(batch, targets=spelt)

        return respell


def _common(members: Sequence[Learner]) -> dict[str, Any]:
    """The fields that stacks of all kinds have; what cannot differ is that of the first member."""
    first, weights = members[0], Weights(members)
    return {
        "network": first.network,
        "budget": replace(first.budget),
        "generator": first.generator,
        "progress": first.progress,
        "autocast": first.autocast,
        "learnt": dict(weights.learnt),
        "weights": weights,
        "members": members,
        "draws": Draws(),
    }


def can_stack(learner: Learner) -> bool:
    """Whether the steps of a learner can be those of a stack."""
    rule = learner.rule
    curved = type(rule).wants_curvature is not Optimizer.wants_curvature
    return learner.stackable and not curved and not rule.line_search


def structure(learner: Learner) -> Hashable:
    """What learners must have in common to be stacked."""
    state = _state(learner.network)
    rule = learner.rule
    return (
        type(learner),
        type(rule),
        rule.clip,
        rule.schedule,
        rule.warmup,
        type(learner.network),
        tuple((n, t.shape, t.dtype, t.requires_grad) for n, t in state.items()),
        tuple((name, t.shape, t.requires_grad) for name, t in learner.learnt.items()),
        str(learner.device),
        learner.budget.left,
        learner.budget.total,
        learner.autocast,
        learner.shared,
    )


def run(members: Sequence[L], loop: Callable[[L], None]) -> dict[int, Diverged]:
    """Run the training loop of members that are alike as one, in place; returns those that
    diverged.

    Raises Unstackable if it cannot be computed as one.
    """
    kind: Any = StackedAdaptation if isinstance(members[0], Adaptation) else StackedTraining
    whole = kind.of(members)
    try:
        loop(whole)
        whole.look()
    except Diverged:
        pass  # all have
    except RuntimeError as error:
        if len(members) == 1 or isinstance(error, torch.cuda.OutOfMemoryError):
            raise
        raise Unstackable(str(error)) from error
    finally:
        whole.steps.release()
    whole.conclude_members()
    lost: dict[int, Diverged] = whole.lost
    return lost
