"""The stages behind the cells that trials are judged on, and the guard over what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmark.data.languages import metric
from benchmark.errors import DataError, SuiteError
from benchmark.plan.builder import Builder
from benchmark.plan.graph import PlannedCell
from benchmark.plan.planner import Plan
from benchmark.plan.settings import CellSettings
from benchmark.plan.speech import Speech
from benchmark.plan.status import Statuses
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Data, Suite
from benchmark.tune.trial import Judged


def plan_instances(
    suite: Suite, cells: Sequence[Cell], speech: Speech, hardware: dict[str, Any]
) -> Plan:
    """The plan of what `cells` are judged by: error rates, no timing.

    Raises SuiteError as `make_plan` does, and DataError for a cell that tuning must not see.
    """
    _reject_unseen_cells(suite.data, cells)
    plan = Plan(suite, Matrix(tuple(cells), ()), speech, hardware)
    for name in (*suite.data.train, *suite.data.validation):
        if stage := speech.languages[name].stage:
            plan.graph.keep(stage)
    # Nobody looks at the curve of a trial, and its snapshots would stay.
    builder = Builder(replace(suite, curve=()), speech, hardware, plan.graph)
    settings = CellSettings(builder.suite)
    try:
        for name in suite.data.validation:
            speech.sharing(name)
        plan.cells += [
            PlannedCell(cell, "", settings.of(cell), _stages(cell, builder)) for cell in cells
        ]
    except DataError as error:
        raise SuiteError(str(error), suite.path) from None
    _reject_unseen_speech(plan)
    return plan


def _reject_unseen_cells(data: Data, cells: Sequence[Cell]) -> None:
    """Settings are judged on validation languages, which are no test languages."""
    for cell in cells:
        if cell.language not in data.validation or cell.language in data.test:
            raise DataError(
                f"tuning must not see {cell.language!r}: settings are judged on validation"
                f" languages alone ({', '.join(data.validation)})"
            )


def _reject_unseen_speech(plan: Plan) -> None:
    """No stage behind a trial reads the speech of a test language."""
    data = plan.suite.data
    allowed = {*data.train, *data.validation} - {*data.test}
    for stage in plan.graph.stages.values():
        for language in stage.languages:
            if language not in allowed:
                raise DataError(f"tuning must not see {language!r}; stage {stage.kind} reads it")


def judged(plan: Plan, planned: PlannedCell, found: Statuses) -> Judged | None:
    """How a cell came out; None where stages of it have not run."""
    cell = planned.cell
    own = metric(cell.language)
    for stage in plan.graph.lineage([planned.stages["score"]]):
        record = found.records.get(stage.key)
        if record and record.status != "ok":
            reason = f"{record.status}: {stage.kind}: {record.error}"
            return Judged(cell.language, cell.draw, own, None, reason)
    scored = found.records.get(planned.stages["score"])
    if scored is None:
        return None
    return Judged(cell.language, cell.draw, own, float(scored.facts[own]))


def _stages(cell: Cell, builder: Builder) -> dict[str, str]:
    """The keys of what a cell is judged by, by kind of stage."""
    adapt = builder.adapt(cell, cell.compression)
    compress = builder.compress(cell, cell.compression, adapt)
    evaluate = builder.evaluate(cell, compress)
    score = builder.score(cell, evaluate)
    return {"adapt": adapt, "compress": compress, "evaluate": evaluate, "score": score}
