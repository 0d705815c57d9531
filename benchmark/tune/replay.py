"""How far the searches of a suite are, from stored stages alone: runs nothing, imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.plan.estimate import Estimator
from benchmark.plan.speech import Speech
from benchmark.plan.status import examine
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Suite
from benchmark.tune.instances import judged, plan_instances
from benchmark.tune.rounds import search_all
from benchmark.tune.search import Search
from benchmark.tune.study import Study, studies
from benchmark.tune.trial import Judged


def replay(
    suite: Suite, matrix: Matrix, speech: Speech, hardware: dict[str, Any], store: StageStore
) -> list[Search]:
    """The searches of a matrix, each up to the first result that is not there."""
    searches = [Search(study) for study in studies(suite, matrix)]

    def look_up(cells: Sequence[Cell]) -> list[Judged | None]:
        plan = plan_instances(suite, cells, speech, hardware)
        found = examine(plan, store)
        return [judged(plan, cell, found) for cell in plan.cells]

    if searches and speech.complete and not speech.blocked_tuning:
        search_all(searches, look_up)
    return searches


def seconds_ahead(
    searches: Sequence[Search], speech: Speech, hardware: dict[str, Any], estimator: Estimator
) -> float:
    """Expected seconds on one worker of trials that have not begun, if none is pruned."""
    return sum(
        (search.study.num_trials - len(search.trials))
        * _seconds_of_trial(search.study, speech, hardware, estimator)
        for search in searches
        if len(search.trials) < search.study.num_trials
    )


def _seconds_of_trial(
    study: Study, speech: Speech, hardware: dict[str, Any], estimator: Estimator
) -> float:
    """Meta-training is part of it where its settings are searched."""
    plan = plan_instances(study.suite, study.instances(study.default), speech, hardware)
    kinds = ["adapt", "compress", "evaluate", "score"]
    if any(name not in _of_adaptation(study) for name in study.space):
        kinds.append("meta_train")
    return sum(estimator.seconds(s) for s in plan.graph.stages.values() if s.kind in kinds)


def _of_adaptation(study: Study) -> set[str]:
    """Settings that change adaptation alone."""
    fields = study.cell.method.member.adaptation_fields
    return {f"method.{name}" for name in fields} | {
        name for name in study.space if name.startswith("optimizer.")
    }
