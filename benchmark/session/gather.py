"""From the stages that are there to the tables of a results folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.execute.stages import UTTERANCES
from benchmark.plan.graph import Graph
from benchmark.plan.planner import Plan
from benchmark.plan.status import State, Statuses, examine
from benchmark.results.provenance import provenance
from benchmark.results.records import records
from benchmark.results.write import (
    is_up_to_date,
    recorded_cells,
    write_provenance,
    write_records,
    write_utterances,
)
from benchmark.session.session import Session
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.tune.search import Search


@dataclass(frozen=True)
class Gathered:
    """The cells that a results folder gets rows of, and the state of their stages."""

    plan: Plan
    found: Statuses
    searches: Sequence[Search] = field(default=())

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """One record per cell."""
        return records(self.plan, self.found)


def gather(session: Session, whole: Matrix, selected: Plan) -> Gathered:
    """The selected cells, and those others of the suite that were run before.

    A cell of the suite as it is now was run before where the results folder has a row of it, or
    its hypotheses are scored.
    """
    plan, searches = session.plan(whole)
    kept_graph = Graph(dict(selected.graph.stages))
    plan.graph.stages |= selected.graph.stages
    found = examine(plan, session.store)
    wanted = recorded_cells(session.folder) | {cell.id for cell in selected.cells}
    kept = [
        cell
        for cell in plan.cells
        if cell.id in wanted or found.states.get(cell.stages.get("score", "")) == "cached"
    ]
    for planned in plan.graph.lineage(key for cell in kept for key in cell.stages.values()):
        kept_graph.keep(planned)
    return Gathered(replace(plan, cells=kept, graph=kept_graph), found, searches)


def write_tables(
    gathered: Gathered, before: Mapping[str, State], folder: Path, command: Sequence[str]
) -> bool:
    """Write records, utterances and provenance unless they are as they should be.

    `before` has the states of stages when the run began. Returns whether anything was written.
    Raises Damaged where the utterances of a cell are.
    """
    plan, found = gathered.plan, gathered.found
    folder.mkdir(parents=True, exist_ok=True)
    rows = gathered.records
    if is_up_to_date(folder, rows, plan.suite.text):
        return False
    write_records(folder, rows)
    store = StageStore(folder / "stages")
    scored = {
        cell.id: store.open(cell.stages["score"]) / UTTERANCES
        for cell in plan.cells
        if cell.stages and found.states[cell.stages["score"]] == "cached"
    }
    write_utterances(folder, scored)
    began = Statuses({**found.states, **before}, found.records)
    write_provenance(folder, provenance(plan, found, began, command))
    return True
