"""Running the stages that a plan lacks, timing last and alone on the machine."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.execute.schedule import run_stages
from benchmark.execute.timing import time_stages
from benchmark.execute.watch import Display
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.planner import Plan
from benchmark.plan.status import Statuses, examine, representative
from benchmark.session.session import Session


def run_missing(
    session: Session, plan: Plan, before: Statuses, stages: Sequence[PlannedStage]
) -> int:
    """Run stages of a plan, whose states were `before`; returns how many.

    An artefact is timed only where it and its reference could be made. Raises Damaged.
    """
    session.options.require_writable(session.suite)
    options = session.options
    estimator = Estimator(before.records.values())
    gpu, jobs = options.device == "cuda", options.jobs
    with Display(session.console, list(stages), plan.cells, estimator, jobs, gpu) as display:
        cached = (key for key, state in before.states.items() if state == "cached")
        display.finished_keys.update(cached)
        done = run_stages(
            [planned for planned in stages if planned.kind != "time"],
            lambda planned: session.job(planned, plan.speech),
            session.workers,
            estimator,
            display,
            options.stack,
        )
        now = examine(plan, session.store)
        timings = {
            planned: candidate
            for planned in stages
            if planned.kind == "time"
            and (candidate := representative(plan, now, planned.key))
            and all(now.states[key] == "cached" for key in candidate)
        }
        time_stages(timings, plan.suite, session.store, options.device, display)
    return len(done) + len(timings)
