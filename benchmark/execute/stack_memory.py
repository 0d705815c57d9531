"""How many learners of one structure fit into the memory of a GPU."""

from __future__ import annotations

import gc
from collections.abc import Hashable, Sequence

from benchmark.execute.job import Job
from benchmark.execute.structure import structure
from benchmark.plan.stages import Adapt, MetaTrain, stage_of
from benchmark.registry import MODELS
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord

COPIES = 8
"""Copies of the weights that a learner takes, before any has been measured: weights, gradients, the
state of an optimizer, an adapted copy, and what the activations of a small batch come to."""

SHARE = 0.8
"""Share of the free memory that a stack may take: peaks differ from batch to batch."""


class StackMemory:
    """What a learner takes, guessed from its weights until one of its structure has ended."""

    def __init__(self) -> None:
        self._measured: dict[Hashable, int] = {}

    def fitting(self, jobs: Sequence[Job]) -> int:
        """How many of these jobs of one structure may be performed at once, at least one."""
        if len(jobs) == 1 or jobs[0].device == "cpu":
            return len(jobs)
        each = self._measured.get(_structure(jobs[0])) or _guess(jobs[0])
        return max(1, min(len(jobs), int(SHARE * _free(jobs[0].device) / max(1, each))))

    def learn(self, job: Job, ended: Sequence[StageRecord | Damaged]) -> None:
        """Take into account how stages of the structure of `job` have ended."""
        facts = [end.facts for end in ended if isinstance(end, StageRecord)]
        peaks = [fact["peak_memory_bytes"] or 0 for fact in facts if "peak_memory_bytes" in fact]
        if peaks and job.device != "cpu":
            known = self._measured.get(_structure(job), 0)
            self._measured[_structure(job)] = max(known, *peaks)


def free_memory(device: str) -> None:
    """Give back what stages have left behind that did not end well."""
    gc.collect()
    if device != "cpu":
        import torch

        torch.cuda.empty_cache()


def _free(device: str) -> int:
    """Bytes that tensors on a GPU may still take, those included that torch keeps in reserve."""
    import torch

    reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + reserve


def _structure(job: Job) -> Hashable:
    return structure(stage_of(job.identity))


def _guess(job: Job) -> int:
    """Bytes that a learner may take, 0 for a stage that learns nothing."""
    stage = stage_of(job.identity)
    if not isinstance(stage, MetaTrain | Adapt):
        return 0
    import torch

    with torch.device("meta"):
        network = MODELS.rebuild(stage.model).build(stage.features.mels, len(stage.vocabulary))
    return COPIES * sum(p.numel() * p.element_size() for p in network.parameters())
