"""The shapes that the batches of a stack are padded to, so that few steps are captured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.data.buckets import MOST, Buckets, Shape
from benchmark.data.preview import batches, episodes, mixtures, together
from benchmark.data.speech import SpeechSet
from benchmark.data.task import Task
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.training import MetaTraining

if TYPE_CHECKING:
    from benchmark.methods.learning.stacked import StackedLearner


def buckets(learner: StackedLearner, drawn: Sequence[Shape]) -> Buckets:
    """Shapes for steps that draw these batches, which are all padded alike.

    A stage learns in at most two ways, jointly and in episodes: they share `MOST` shapes.
    """
    tasks = [task for member in learner.members for task in _tasks(member)]
    speech = [task for task in tasks if isinstance(task, SpeechSet)]
    if not drawn or not speech or len(speech) < len(tasks):
        return Buckets({})
    size = max(shape.size for shape in drawn)
    if isinstance(learner, Adaptation):
        looks = [batches]
    elif len(drawn) == 1:
        looks = [mixtures]
    else:
        looks = [episodes, batches]
    count = len(drawn) * len(learner.members)
    shapes = [shape for look in looks for shape in look(speech, size)]
    return Buckets.fit(together(shapes, count), MOST // 2)


def _tasks(member: Learner) -> Sequence[Task]:
    if isinstance(member, MetaTraining):
        return member.tasks
    return [member.support] if isinstance(member, Adaptation) else []
