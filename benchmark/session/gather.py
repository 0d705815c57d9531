"""From the stages that are there to the tables of a results folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmark.execute.stages import UTTERANCES
from benchmark.plan.graph import Graph
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.plan.status import State, Statuses, examine
from benchmark.results.provenance import provenance
from benchmark.results.records import records
from benchmark.results.tables import (
    known_cells,
    up_to_date,
    write_provenance,
    write_records,
    write_utterances,
)
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.tune.replay import replay
from benchmark.tune.search import Search
from benchmark.tune.settle import settle


@dataclass(frozen=True)
class Gathered:
    """The cells that a results folder gets rows of, and the state of their stages."""

    plan: Plan
    found: Statuses
    searches: Sequence[Search] = field(default=())


def gather(
    whole: Matrix, selected: Plan, failures: Mapping[str, str], device: str, folder: Path
) -> Gathered:
    """The selected cells, and those others of the suite that were run before.

    A cell of the suite as it is now was run before where the results folder has a row of it, or
    its hypotheses are scored.
    """
    suite, store = selected.suite, StageStore(folder / "stages")
    speech = Speech.of(suite.data, dict(failures), whole.awaits_tuning)
    searches = replay(suite, whole, speech, selected.hardware, store)
    plan = make_plan(suite, settle(whole, searches), speech, device, store)
    kept_graph = Graph(dict(selected.graph.stages))
    plan.graph.stages |= selected.graph.stages
    found = examine(plan, store)
    wanted = known_cells(folder) | {cell.id for cell in selected.cells}
    kept = [
        cell
        for cell in plan.cells
        if cell.id in wanted or found.states.get(cell.stages.get("score", "")) == "cached"
    ]
    for stage in plan.graph.lineage(key for cell in kept for key in cell.stages.values()):
        kept_graph.add(stage)
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
    rows = records(plan, found)
    if up_to_date(folder, rows, plan.suite.text):
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
