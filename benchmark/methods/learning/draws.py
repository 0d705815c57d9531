"""What a stack takes from the host: the languages and utterances of each member.

They are drawn by the generators of the members, in the order in which each would draw them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from benchmark.data.batch import Batch
from benchmark.data.collate import concatenate, stack_batches
from benchmark.data.draw import Draw
from benchmark.data.speech import SpeechSet
from benchmark.data.speech_stack import load_stack
from benchmark.data.task import Episode, Task
from benchmark.errors import Unstackable
from benchmark.methods.learning.sampler import Sampler
from benchmark.parts import part
from benchmark.stacking import outside, split

T = TypeVar("T")

DIFFERENT = "the languages of the members of a stack differ in size"


class Draws:
    """Hands out what steps draw.

    What one step draws can be recorded. Steps like it can then draw ahead of what they compute, and
    be fed with that.
    """

    def __init__(self) -> None:
        self._recorded: list[Callable[[], Any]] | None = None
        self._fed: Iterator[Any] | None = None

    def take(self, draw: Callable[[], T]) -> T:
        """What `draw` returns, or what was fed in its place."""
        if self._fed is not None:
            fed: T = next(self._fed)
            return fed
        if self._recorded is not None:
            self._recorded.append(draw)
        with part("data"), outside():
            return draw()

    @contextmanager
    def recording(self) -> Iterator[list[Callable[[], Any]]]:
        """Within this context all draws are listed."""
        recorded: list[Callable[[], Any]] = []
        self._recorded = recorded
        try:
            yield recorded
        finally:
            self._recorded = None

    @contextmanager
    def feeding(self, values: Sequence[Any]) -> Iterator[None]:
        """Within this context draws have these values."""
        self._fed = iter(values)
        try:
            yield
        finally:
            self._fed = None


class StackedTask:
    """One language for each member, as the `Task` of a method."""

    def __init__(self, draws: Draws, members: Sequence[Task]) -> None:
        self.draws = draws
        self.members = members
        self.language = ", ".join(dict.fromkeys(task.language for task in members))

    def __len__(self) -> int:
        return min(len(task) for task in self.members)

    def batch(self, size: int) -> Batch:
        return split_batch(self.draws.take(lambda: batches([[(t, size)] for t in self.members])))

    def episode(self, support: int, query: int) -> Episode:
        def draw() -> tuple[Batch, Batch]:
            speech = [task for task in self.members if isinstance(task, SpeechSet)]
            if len(speech) == len(self.members):
                drawn = [(task, task.draw_episode(support, query)) for task in speech]
                supports = loaded([[(task, parts[0])] for task, parts in drawn])
                return supports, loaded([[(task, parts[1])] for task, parts in drawn])
            episodes = [task.episode(support, query) for task in self.members]
            return together([e.support for e in episodes]), together([e.query for e in episodes])

        drawn = self.draws.take(draw)
        return Episode(split_batch(drawn[0]), split_batch(drawn[1]))


class StackedSampler(Sampler):
    """One sampler for each member."""

    def __init__(self, draws: Draws, members: Sequence[Sampler]) -> None:
        self.draws = draws
        self.members = members
        self.sampling = members[0].sampling

    def draw(self, count: int) -> list[Task]:
        tasks = [StackedTask(self.draws, []) for _ in range(count)]

        def draw() -> list[Task]:
            drawn = [member.draw(count) for member in self.members]
            for task, *own in zip(tasks, *drawn, strict=True):
                task.members = own
            return list(tasks)

        return self.draws.take(draw)

    def mixed_batch(self, size: int) -> Batch:
        """`size` utterances for each member, each of a language that its sampler draws."""

        def draw() -> Batch:
            return batches([member.counts(size) for member in self.members])

        return split_batch(self.draws.take(draw))


def batches(rows: Sequence[Sequence[tuple[Task, int]]]) -> Batch:
    """A batch for each member, of the next utterances of languages, so many of each."""
    speech = [[(t, n) for t, n in row if isinstance(t, SpeechSet)] for row in rows]
    if speech == rows:
        return loaded([[(task, task.draw_batch(n)) for task, n in row] for row in speech])
    return together([concatenate([task.batch(n) for task, n in row]) for row in rows])


def loaded(rows: Sequence[Sequence[tuple[SpeechSet, Draw]]]) -> Batch:
    """The speech that was drawn for each member, computed at once."""
    if len({sum(len(draw) for _, draw in row) for row in rows}) > 1:
        raise Unstackable(DIFFERENT)
    return load_stack(rows, stacked=len(rows) > 1)


def together(batches: Sequence[Batch]) -> Batch:
    """Batches of the members as one (S, N, ...), or (N, ...) for a single member.

    Raises Unstackable if they have different numbers of utterances.
    """
    if len(batches) == 1:
        return batches[0]
    if len({len(batch) for batch in batches}) > 1:
        raise Unstackable(DIFFERENT)
    return stack_batches(batches)


def split_batch(batch: Batch) -> Batch:
    """A batch (S, N, ...) as that of one member (N, ...)."""
    return Batch(
        split(batch.features),
        split(batch.lengths),
        split(batch.targets),
        split(batch.target_lengths),
    )
