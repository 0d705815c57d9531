"""`run`: plans suites, runs the missing stages, writes results and reports."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.commands.shared.options import add_suite_options
from benchmark.commands.shared.quantities import positive
from benchmark.errors import Exit
from benchmark.system.streams import visible

if TYPE_CHECKING:
    from benchmark.session.options import Options
    from benchmark.session.outcome import Outcome
    from benchmark.suite.matrix import Matrix
    from benchmark.suite.schema import Suite

ORDER = 1
SUMMARY = "Plan suites, run the missing stages, write results and reports."
EXAMPLE = "run suites/multilingual.yaml --set budget.adapt=500"

MOST_REASONS = 5
"""The most reasons for missing results that are printed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The suites, the output folders and the number of worker processes."""
    parser.add_argument("suite", type=Path, nargs="+", metavar="SUITE")
    add_suite_options(parser)
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="default: reports"
    )
    parser.add_argument(
        "--jobs",
        type=positive,
        default=None,
        metavar="N",
        help="worker processes (default: one per core; with a GPU one of them has it); 1 runs in"
        " this process",
    )
    parser.add_argument(
        "--stack",
        type=positive,
        default=None,
        metavar="N",
        help="the most learners that learn together (default: what a GPU has memory for; 1 on a"
        " CPU)",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="print what the time of stages went to (stages take longer)",
    )
    parser.add_argument("--retry-failed", action="store_true", help="run failed stages again")
    parser.add_argument("--no-report", action="store_true", help="write results only")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Run suites in turn. All of them are validated before the first one runs."""
    from benchmark.commands.shared.warnings import warn_of_doubtful_languages
    from benchmark.execute.device import choose_device, choose_jobs, choose_stack
    from benchmark.session.options import Options
    from benchmark.session.run import run_suite
    from benchmark.suite.load import load
    from benchmark.suite.matrix import matrix, selections

    only = selections(options.only)
    suites = [load(path, options.set) for path in options.suite]
    matrices = [(matrix(suite, only), matrix(suite) if only else None) for suite in suites]
    device = choose_device(options.device)
    settings = Options(
        results=options.results,
        device=device,
        jobs=choose_jobs(options.jobs),
        retry_failed=options.retry_failed,
        command=("python", "-m", "benchmark", *map(visible, sys.argv[1:])),
        reports=None if options.no_report else options.reports,
        stack=choose_stack(options.stack, device),
        profile=options.profile,
    )
    exit_code = Exit.OK
    for suite, (cells, whole) in zip(suites, matrices, strict=True):
        warn_of_doubtful_languages(suite, console)
        if options.profile:
            outcome = _run_with_profile(suite, cells, settings, console, whole)
        else:
            outcome = run_suite(suite, cells, settings, console, whole)
        _print_outcome(outcome, console)
        if not options.no_report:
            _write_report(outcome, options.reports, console)
        if not outcome.cells_by_status.keys() <= {"ok", "unsupported"}:
            exit_code = Exit.INCOMPLETE
    return exit_code


def _run_with_profile(
    suite: Suite, cells: Matrix, settings: Options, console: Console, whole: Matrix | None
) -> Outcome:
    """Run a suite, and print what the time of its stages went to and how busy the GPU was."""
    from benchmark.measure.profile import Utilisation, profiles
    from benchmark.session.run import run_suite

    with Utilisation(settings.device) as utilisation:
        outcome = run_suite(suite, cells, settings, console, whole)
    for kind, profile in profiles(outcome.found.records.values()).items():
        console.print(f"profile of {kind}: {profile}", highlight=False, markup=False)
    if utilisation.share is not None:
        console.print(f"the GPU was busy {utilisation.share:.0%} of the time", highlight=False)
    elif settings.device != "cpu":
        console.print(f"how busy the GPU was is not known: {utilisation.reason}", markup=False)
    return outcome


def _print_outcome(outcome: Outcome, console: Console) -> None:
    from benchmark.commands.shared.warnings import warn_of_left_out, warn_of_long_texts
    from benchmark.execute.watch import duration

    counts = ", ".join(f"{n} {status}" for status, n in sorted(outcome.cells_by_status.items()))
    cached = max(0, len(outcome.plan.graph.stages) - outcome.stages_run)
    console.print(
        f"{outcome.plan.suite.name}: {counts} of {len(outcome.plan.cells)} cells;"
        f" {outcome.stages_run} stages run, {cached} cached, in {duration(outcome.seconds)}"
    )
    for reason in outcome.reasons[:MOST_REASONS]:
        console.print(f"  {reason}", style="red", markup=False)
    if len(outcome.reasons) > MOST_REASONS:
        console.print(f"  and {len(outcome.reasons) - MOST_REASONS} other reasons; see the report")
    warn_of_left_out(outcome.plan.speech, console)
    warn_of_long_texts(outcome.found.records.values(), console)
    console.print(f"results: {outcome.folder}")


def _write_report(outcome: Outcome, reports: Path, console: Console) -> None:
    page = reports / outcome.folder.name / "index.html"
    if outcome.changed or not page.exists():
        from benchmark.report.render import render

        page = render(outcome.folder, reports)
    console.print(f"report:  {page}")
