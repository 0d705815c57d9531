"""Stages of one structure, performed as one stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmark.errors import Unstackable
from benchmark.execute.job import Context, Job, keep, perform, profiled, stage_module, time_limit
from benchmark.execute.stack_memory import StackMemory, free_memory
from benchmark.execute.verdict import StageTimeoutError, is_out_of_memory
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore

TellAll = Callable[[str, int, int], None]
"""Told the key of a stage, how much of it is done, and the total."""

Ended = StageRecord | Damaged
"""How a stage ended; Damaged where something that it reads is."""


def perform_all(jobs: Sequence[Job], tell: TellAll, memory: StackMemory) -> Iterator[Ended]:
    """Perform jobs of one structure, in as many stacks as the memory of their device asks for."""
    left = list(jobs)
    while left:
        size = memory.fitting(left)
        ended = perform_together(left[:size], tell)
        memory.learn(left[0], ended)
        left = left[size:]
        yield from ended


def perform_together(jobs: Sequence[Job], tell: TellAll) -> list[Ended]:
    """Perform jobs of one structure as one stack; returns how they ended, in their order.

    Each keeps its folder, key, seed, and failure. What all took is shared equally, and the limit of
    seconds is that of one times their number. A stack that exceeds it, or cannot compute as one, is
    given up and its stages run alone. One that needs more memory than there is is halved, down to
    single stages. What another run has finished meanwhile is not done again. Raises DataError as
    `perform` does, once the stages that had finished are stored.
    """
    if len(jobs) == 1:
        return [_alone(jobs[0], tell)]
    store = StageStore(jobs[0].store)
    ended: dict[str, Ended] = {job.key: record for job in jobs if (record := store.get(job.key))}
    left = [job for job in jobs if job.key not in ended]
    parts = [left]
    if len(left) > 1:
        stack, parts = _stacked(left, tell)
        ended |= stack
    if parts := list(filter(None, parts)):
        free_memory(jobs[0].device)
    for part in parts:
        ended |= zip((job.key for job in part), perform_together(part, tell), strict=True)
    return [ended[job.key] for job in jobs]


def _alone(job: Job, tell: TellAll) -> Ended:
    try:
        return perform(job, partial(tell, job.key))
    except Damaged as damage:
        return damage


def _stacked(jobs: Sequence[Job], tell: TellAll) -> tuple[dict[str, Ended], list[list[Job]]]:
    """How the stages of one stack ended, by key, and the parts in which those that did not are to
    be performed instead."""
    store, module = StageStore(jobs[0].store), stage_module(jobs[0].kind)
    limit = jobs[0].limit_seconds
    began = time.perf_counter()
    with ExitStack() as all_folders:
        folders = [all_folders.enter_context(ExitStack()) for _ in jobs]
        contexts: list[Context[Any]] = [
            Context(job, folder.enter_context(store.writing(job.key)), partial(tell, job.key))
            for job, folder in zip(jobs, folders, strict=True)
        ]
        try:
            with time_limit(limit and limit * len(jobs)), profiled(jobs[0]) as profile:
                results = module.run_together(contexts)
                facts = profile(len(jobs))
                results = [r if isinstance(r, Exception) else r | facts for r in results]
        except (StageTimeoutError, Unstackable):
            return {}, [[job] for job in jobs]
        except Exception as error:
            results = [error] * len(jobs)
        seconds = (time.perf_counter() - began) / len(jobs)
        ended: dict[str, Ended] = {}
        lacking = []
        # Failures last: one of them may end the run.
        for context, folder, result in sorted(
            zip(contexts, folders, results, strict=True),
            key=lambda end: isinstance(end[2], Exception),
        ):
            if is_out_of_memory(result):
                lacking.append(context.job)
            else:
                ended[context.job.key] = _kept(context, folder, result, seconds)
    half = len(lacking) // 2
    return ended, [lacking[:half], lacking[half:]]


def _kept(
    context: Context[Any], folder: ExitStack, result: dict[str, Any] | Exception, seconds: float
) -> Ended:
    try:
        with folder:
            return keep(context, result, seconds)
    except Damaged as damage:
        return damage
