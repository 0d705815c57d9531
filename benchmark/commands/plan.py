"""`plan`: what a suite needs and what is already there."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmark.commands.telling import tell_doubts
from benchmark.errors import Exit
from benchmark.execute.device import choose_device
from benchmark.execute.watch import duration
from benchmark.measure.hardware import fingerprint
from benchmark.plan.estimate import Estimator, Stored, model_key, stored_bytes
from benchmark.plan.graph import KINDS
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.plan.status import LOST, Statuses, examine, explain, to_run
from benchmark.store.stages import StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix, selections
from benchmark.text.words import size
from benchmark.tune.replay import replay, seconds_ahead
from benchmark.tune.search import Search
from benchmark.tune.settle import settle


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Runs nothing and imports no torch, unless a GPU is asked for."""
    suite = load(options.suite, options.set)
    cells = matrix(suite, selections(options.only))
    device = choose_device(options.device)
    store = StageStore(options.results / suite.name / "stages")
    speech = Speech.of(suite.data, tuning=cells.awaits_tuning)
    searches = replay(suite, cells, speech, fingerprint(device), store)
    planned = make_plan(suite, settle(cells, searches), speech, device, store)
    found = examine(planned, store)
    paces = planned.graph.of_kind("pace")
    stages = [s for s in paces if found.states[s.key] == "missing"] + to_run(planned, found)
    tell_doubts(suite, console)
    _print_cells(planned, found, console)
    estimator = Estimator([*store.records(), *prepared_store().records()])
    _print_searches(searches, planned, estimator, console)
    console.print(_stage_table(planned, found))
    for damage in found.damaged.values():
        console.print(f"{damage.line}; a run makes it again", markup=False, soft_wrap=True)
    for kind, reasons in explain(stages, store).items():
        for reason in reasons[:3]:
            console.print(f"{kind}: {reason}", markup=False)
        if len(reasons) > 3:
            console.print(f"{kind}: and {len(reasons) - 3} other differences")
    if not planned.speech.complete:
        console.print(
            "Some languages are not prepared yet. Their stages count as missing, and what"
            " depends on their texts is known only once they are."
        )
    unpaced = sum(None in cell.settings.get("pace", ()) for cell in planned.cells)
    if unpaced:
        console.print(
            f"{unpaced} cells are provisional until a run has measured how many gradients of their"
            " method fit into the seconds of their budget."
        )
    if stages:
        seconds = sum(map(estimator.seconds, stages))
        basis = "finished stages" if estimator.measured else "first guesses"
        models = {
            model_key(cell.cell.model.identity): cell.cell.model.member for cell in planned.cells
        }
        mels = suite.features.mels
        stored = stored_bytes(stages, {k: m.num_parameters(mels) for k, m in models.items()})
        console.print(
            f"to run: {len(stages)} stages, about {duration(seconds)} of one core"
            f" and {_told(stored)} (from {basis})",
            markup=False,
        )
    else:
        console.print(_nothing(planned, found), markup=False)
    blocked = any(cell.blocked and cell.status == "blocked" for cell in planned.cells)
    return Exit.INCOMPLETE if blocked else Exit.OK


def _told(stored: Stored) -> str:
    """`850 MB`, and what is not in it."""
    if not stored.unknown:
        return f"{size(stored.num_bytes)}"
    names = ", ".join(stored.unknown)
    return f"{size(stored.num_bytes)} besides the files of {names}, whose size is not known"


def _nothing(planned: Plan, found: Statuses) -> str:
    """Why there is nothing to run: all is done, or what is not cannot be."""
    lost = sum(
        bool(cell.blocked) or found.states[cell.stages["score"]] in LOST for cell in planned.cells
    )
    total = len(planned.cells)
    if not lost:
        return "nothing to run"
    if lost == total:
        return f"nothing can run: all {total} cells are blocked or have failed"
    return (
        f"nothing to run: {lost} of {total} cells are blocked or have failed, the others are done"
    )


def _print_cells(planned: Plan, found: Statuses, console: Console) -> None:
    suite = planned.suite
    excluded = sum(number for _, number in planned.matrix.excluded)
    done = sum(
        bool(cell.stages) and found.states[cell.stages["score"]] == "cached"
        for cell in planned.cells
    )
    console.print(
        f"{suite.name}: {len(planned.cells)} cells ({done} done, {excluded} excluded) ="
        f" {len(suite.models)} models x {len(suite.methods)} methods"
        f" x {len(suite.outer)} outer x {len(suite.optimizers)} optimizers"
        f" x {len(suite.compressions)} compressions x {len(suite.data.test)} languages"
        f" x {len(suite.data.shots)} shots x {len(suite.seeds)} seeds x {len(suite.draws)} draws"
        f" x {len(suite.heads)} heads{' x 2 (default and tuned)' if suite.tune else ''}"
    )
    for reason in sorted({cell.blocked for cell in planned.cells if cell.blocked}):
        console.print(f"cannot run: {reason}", style="red", markup=False)


def _print_searches(
    searches: Sequence[Search], planned: Plan, estimator: Estimator, console: Console
) -> None:
    if not searches:
        return
    study = searches[0].study
    ended = sum(trial.state != "running" for search in searches for trial in search.trials)
    line = (
        f"tuning: {len(searches)} studies of at most {study.tune.trials} trials, each judged on"
        f" {', '.join(planned.suite.data.validation)} x {study.tune.draws} draws;"
        f" {sum(search.finished for search in searches)} studies and {ended} trials done"
    )
    if any(not search.finished for search in searches) and not planned.speech.blocked_tuning:
        seconds = seconds_ahead(searches, planned.speech, planned.hardware, estimator)
        line += (
            f"; the others about {duration(seconds)} of one core besides the stages below."
            " Tuned cells count as missing until then"
        )
    console.print(line)


def _stage_table(planned: Plan, found: Statuses) -> Table:
    table = Table("stage", *["cached", "missing", "failed", "blocked", "total"])
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in KINDS:
        stages = planned.graph.of_kind(kind)
        if not stages:
            continue
        counts = [found.count(stages, s) for s in ("cached", "missing", "failed", "blocked")]
        table.add_row(kind, *map(str, [*counts, len(stages)]))
    return table
