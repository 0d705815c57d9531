"""Steps that are captured once and replayed, since launching kernels takes longer than they do.

A training step of a small network is hundreds of kernels of microseconds each. A CUDA graph
launches all of them at once. It computes the same on the same memory: so what a step draws is
copied into buffers, and batches are padded to few shapes, each with a graph of its own. Nothing
else may differ between steps that a loop declares alike. Because a method could break that, an
early replay of each graph is compared with the same step taken without it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from benchmark.data.buckets import Buckets
from benchmark.methods.learning.drawn import copied, padded, shapes_of, tensors_of
from benchmark.methods.learning.finiteness import Finiteness
from benchmark.methods.learning.step_shapes import buckets
from benchmark.operations import Operations, count_replayed, uncounted
from benchmark.optimizers.stepping.stacked import StackedStepper
from benchmark.parts import part

if TYPE_CHECKING:
    from benchmark.methods.learning.stacked import StackedLearner

TOLERANCE = 1e-3
"""Largest relative difference of losses and norms between a graph and the step that it captured."""

CAPTURED_ON = {"cuda"}
"""Devices whose steps are captured. Tests add the CPU, where a replay is a call."""


class _Kept(Finiteness):
    """Values of a step that is being captured: it cannot be looked at."""

    due = False


@dataclass
class _Program:
    """What all steps of one kind draw, and what they spend."""

    draws: Sequence[Callable[[], Any]]
    cost: int
    graphs: dict[Hashable, _Step | None] = field(default_factory=dict)
    """By the shapes of what was drawn; None after the first step of a shape, which warms up."""

    buckets: Buckets | None = None
    """Shapes to pad to, once it is known what is drawn."""

    refused: bool = False
    """Whether its steps cannot be captured."""


@dataclass
class _Step:
    """A captured step: replaying it reads `buffers` and returns what must be finite."""

    buffers: Sequence[Any]
    replay: Callable[[], list[tuple[str, Tensor]]]
    num_replays: int = 0


class Steps:
    """Takes the steps of a stack, captured where that is possible."""

    def __init__(self, learner: StackedLearner) -> None:
        self.learner = learner
        self.enabled = learner.device.type in CAPTURED_ON
        self.num_replayed = 0
        self._programs: dict[Hashable, _Program] = {}
        self._pool: Any = None

    def take(
        self, stepper: StackedStepper, accumulate: Callable[[], None], alike: Hashable
    ) -> None:
        """Take one step; `alike` is that of `Learner.advance`."""
        learner, program = self.learner, self._programs.get(alike)
        if not self.enabled or alike is None:
            self._take_now(stepper, accumulate)
        elif program is None:
            spent = learner.budget.spent
            with learner.draws.recording() as draws:
                self._take_now(stepper, accumulate)
            self._programs[alike] = _Program(draws, learner.budget.spent - spent)
        else:
            self._take_like(program, stepper, accumulate)

    def release(self) -> None:
        """Free the memory of all graphs."""
        self._programs.clear()

    def _take_now(self, stepper: StackedStepper, accumulate: Callable[[], None]) -> None:
        self.learner.compute(accumulate)
        stepper.step()

    def _take_like(
        self, program: _Program, stepper: StackedStepper, accumulate: Callable[[], None]
    ) -> None:
        learner = self.learner
        with part("data"):
            drawn = [draw() for draw in program.draws]
            if program.buckets is None:
                program.buckets = buckets(learner, shapes_of(drawn))
            drawn = padded(drawn, program.buckets)
        shapes = tuple(tensor.shape for tensor in tensors_of(drawn))
        step = program.graphs.get(shapes)
        if step is None and shapes in program.graphs and not program.refused:
            step = self._captured(program, drawn, stepper, accumulate)
        if step is None or program.refused:
            program.graphs[shapes] = None
            with learner.draws.feeding(drawn):
                self._take_now(stepper, accumulate)
            return
        program.graphs[shapes] = step
        for buffer, tensor in zip(tensors_of(step.buffers), tensors_of(drawn), strict=True):
            buffer.copy_(tensor)
        stepper.prepare()
        if not self._agrees(step, stepper, accumulate):
            program.refused = True
            with learner.draws.feeding(drawn):
                self._take_now(stepper, accumulate)
            return
        for name, value in step.replay():
            learner.finiteness.note(value, name, learner.step + 1)
        learner.budget.spend(program.cost)
        if learner.finiteness.due:
            learner.look()
        stepper.finish()
        self.num_replayed += 1

    def _compute(
        self, buffers: Sequence[Any], stepper: StackedStepper, accumulate: Callable[[], None]
    ) -> list[tuple[str, Tensor]]:
        """All of a step that runs on the device; spends nothing."""
        learner = self.learner
        spent, finiteness = learner.budget.spent, learner.finiteness
        learner.finiteness = kept = _Kept()
        try:
            with learner.draws.feeding(buffers):
                learner.compute(accumulate)
            norms = stepper.update()
            if norms is not None:
                kept.note(norms, "gradient", 0)
        finally:
            learner.budget.spent, learner.finiteness = spent, finiteness
        return [(each.name, each.value) for each in kept.noted]

    def _captured(
        self,
        program: _Program,
        drawn: Sequence[Any],
        stepper: StackedStepper,
        accumulate: Callable[[], None],
    ) -> _Step | None:
        buffers = copied(drawn)
        if self.learner.device.type != "cuda":
            return _Step(buffers, lambda: self._compute(buffers, stepper, accumulate))
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        self._pool = self._pool or torch.cuda.graph_pool_handle()
        try:
            with (
                uncounted(),
                Operations() as operations,
                # A capture that fails does not leave the stream in which it ran.
                torch.cuda.stream(torch.cuda.current_stream()),
                torch.cuda.graph(graph, pool=self._pool),
            ):
                noted = self._compute(buffers, stepper, accumulate)
                values = torch.stack([value.reshape(-1).double() for _, value in noted])
        except RuntimeError as error:
            if isinstance(error, torch.cuda.OutOfMemoryError):
                raise
            # What cannot be captured is computed step by step.
            program.refused = True
            stepper.gradients = None
            return None
        gradients = stepper.gradients

        def replay() -> list[tuple[str, Tensor]]:
            stepper.gradients = gradients
            with part("replay"):
                graph.replay()
            count_replayed(operations.total)
            return list(zip((name for name, _ in noted), values.clone().unbind(), strict=True))

        return _Step(buffers, replay)

    def _agrees(self, step: _Step, stepper: StackedStepper, accumulate: Callable[[], None]) -> bool:
        """Whether a graph computes what the step without it does; the state is unchanged.

        It is asked at the second replay: at the first, both are the step that was captured.
        """
        step.num_replays += 1
        if step.num_replays != 2:
            return True
        state = [*self.learner.weights.tensors(), *stepper.state()]
        before = [tensor.detach().clone() for tensor in state]
        values = []
        for compute in (partial(self._compute, step.buffers, stepper, accumulate), step.replay):
            with uncounted():
                noted = compute()
            values.append(torch.stack([value.reshape(-1).double() for _, value in noted]))
            stepper.gradients = None
            with torch.no_grad():
                for tensor, value in zip(state, before, strict=True):
                    tensor.copy_(value)
        alone, replayed = values
        same = torch.isclose(alone, replayed, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
        return bool(same.all())
