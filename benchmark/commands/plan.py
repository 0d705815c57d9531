"""`plan`: the stages that a suite needs and which of them are cached."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmark.commands.shared.options import add_suite_options
from benchmark.errors import Exit
from benchmark.system.garbage import no_garbage
from benchmark.text.words import size

if TYPE_CHECKING:
    from benchmark.plan.estimate import Estimator, Stored
    from benchmark.plan.planner import Plan
    from benchmark.plan.status import State, Statuses
    from benchmark.tune.search import Search

ORDER = 2
SUMMARY = "Show which cells and stages are cached, missing or blocked, without running any."
EXAMPLE = "plan suites/multilingual.yaml"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The suite and the selection of its cells."""
    parser.add_argument("suite", type=Path, metavar="SUITE")
    add_suite_options(parser)


@no_garbage()
def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print the plan of a suite. Nothing runs; torch is imported only for `--device cuda`."""
    from benchmark.commands.shared.warnings import warn_of_doubtful_languages
    from benchmark.execute.device import choose_device
    from benchmark.execute.watch import duration
    from benchmark.plan.estimate import Estimator, model_key, stored_bytes
    from benchmark.plan.explain import explain
    from benchmark.plan.speech import prepared_store
    from benchmark.plan.status import examine, to_run
    from benchmark.session.options import Options
    from benchmark.session.session import Session
    from benchmark.store.stages import StageStore
    from benchmark.suite.load import load
    from benchmark.suite.matrix import matrix, selections

    suite = load(options.suite, options.set)
    cells = matrix(suite, selections(options.only))
    settings = Options(options.results, choose_device(options.device), jobs=1)
    store = StageStore(options.results / suite.name / "stages")
    planned, searches = Session(suite, store, settings, None, console).plan(cells)
    statuses = examine(planned, store)
    paces = planned.graph.of_kind("pace")
    stages = [s for s in paces if statuses.states[s.key] == "missing"]
    stages += to_run(planned, statuses)
    warn_of_doubtful_languages(suite, console)
    _print_cells(planned, statuses, console)
    records = list(store.records(statuses.records))
    estimator = Estimator([*records, *prepared_store().records()])
    _print_searches(searches, planned, estimator, console)
    console.print(_stage_table(planned, statuses))
    for damage in statuses.damaged.values():
        console.print(f"{damage.line}; a run recomputes it", markup=False, soft_wrap=True)
    for kind, reasons in explain(stages, records).items():
        for reason in reasons[:3]:
            console.print(f"{kind}: {reason}", markup=False)
        if len(reasons) > 3:
            console.print(f"{kind}: and {len(reasons) - 3} other differences")
    if not planned.speech.complete:
        console.print(
            "Some languages are not prepared yet. Their stages count as missing. What depends on"
            " their texts is known only after preparation."
        )
    provisional = sum(None in cell.settings.get("pace", ()) for cell in planned.cells)
    if provisional:
        console.print(
            f"{provisional} cells are provisional until a run has measured how many gradients of"
            " their method fit into the seconds of their budget."
        )
    if stages:
        seconds = sum(map(estimator.seconds, stages))
        basis = "finished stages" if estimator.measured else "rough guesses"
        models = {
            model_key(cell.cell.model.identity): cell.cell.model.member for cell in planned.cells
        }
        mels = suite.features.mels
        stored = stored_bytes(stages, {k: m.num_parameters(mels) for k, m in models.items()})
        console.print(
            f"to run: {len(stages)} stages, about {duration(seconds)} of one core"
            f" and {_describe_bytes(stored)} (estimated from {basis})",
            markup=False,
        )
    else:
        console.print(_explain_nothing_to_run(planned, statuses), markup=False)
    blocked = any(cell.blocked and cell.status == "blocked" for cell in planned.cells)
    return Exit.INCOMPLETE if blocked else Exit.OK


def _describe_bytes(stored: Stored) -> str:
    """`850 MB`, and the members whose files are not included."""
    if not stored.unknown:
        return f"{size(stored.num_bytes)}"
    names = ", ".join(stored.unknown)
    return f"{size(stored.num_bytes)} plus the files of {names}, whose size is unknown"


def _explain_nothing_to_run(planned: Plan, statuses: Statuses) -> str:
    """Why there is nothing to run: every cell is done, blocked or failed."""
    from benchmark.plan.status import LOST

    lost = sum(
        bool(cell.blocked) or statuses.states[cell.stages["score"]] in LOST
        for cell in planned.cells
    )
    total = len(planned.cells)
    if not lost:
        return "nothing to run"
    if lost == total:
        return f"nothing can run: all {total} cells are blocked or have failed"
    return (
        f"nothing to run: {lost} of {total} cells are blocked or have failed, the others are done"
    )


def _print_cells(planned: Plan, statuses: Statuses, console: Console) -> None:
    suite = planned.suite
    excluded = sum(number for _, number in planned.matrix.excluded)
    done = sum(
        bool(cell.stages) and statuses.states[cell.stages["score"]] == "cached"
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
    from benchmark.execute.watch import duration
    from benchmark.tune.replay import seconds_ahead

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
            f"; the other trials take about {duration(seconds)} of one core, in addition to the"
            " stages below. Tuned cells count as missing until tuning is done"
        )
    console.print(line)


def _stage_table(planned: Plan, statuses: Statuses) -> Table:
    from benchmark.plan.stages import KINDS

    counts = Counter(
        (stage.kind, statuses.states[key]) for key, stage in planned.graph.stages.items()
    )
    states: tuple[State, ...] = ("cached", "missing", "failed", "blocked")
    table = Table("stage", *states, "total")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in KINDS:
        row = [counts[kind, state] for state in states]
        if any(row):
            table.add_row(kind, *map(str, [*row, sum(row)]))
    return table
