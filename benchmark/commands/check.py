"""`check`: the regression gate. It judges a candidate against a baseline."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.commands.shared.options import add_metric, add_output
from benchmark.commands.shared.output import deliver
from benchmark.commands.shared.quantities import fraction
from benchmark.errors import Exit, UserError

if TYPE_CHECKING:
    from benchmark.suite.thresholds import Thresholds

ORDER = 6
SUMMARY = (
    "Run the regression gate: exit with 1 if a candidate recognises speech worse than a baseline."
)
EXAMPLE = "check --baseline results/baselines/smoke --candidate results/smoke"

LATENCY = 0.1
"""Default tolerated growth of latency with `--remeasure`."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The two sides, the thresholds and the output format."""
    parser.add_argument("--baseline", type=Path, metavar="A", help="results folder or baseline")
    parser.add_argument("--candidate", type=Path, metavar="B", required=True)
    parser.add_argument(
        "--save-baseline",
        type=Path,
        metavar="PATH",
        help="make the candidate the baseline: a small file to commit",
    )
    parser.add_argument(
        "--suite", type=Path, metavar="SUITE", help="take thresholds from its `check:`"
    )
    for name, text in (
        ("level", "significance level of the whole gate (default: 0.05)"),
        ("relative", "tolerated loss as a fraction of the error rate (default: 0.05)"),
        ("absolute", "tolerated loss in error rate (default: 0); the larger tolerance applies"),
        ("size", "tolerated growth of files (default: 0.02)"),
        ("latency", "tolerated growth of latency (default: not judged; 0.1 with --remeasure)"),
        (
            "seed-noise",
            "relative standard deviation between seeds, if it cannot be measured (default: 0.08)",
        ),
    ):
        parser.add_argument(f"--{name}", type=fraction, metavar="FRACTION", help=text)
    add_metric(parser)
    parser.add_argument(
        "--remeasure",
        action="store_true",
        help="time the artefacts of both sides interleaved",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 4 if inconclusive")
    add_output(parser, "--markdown", "as Markdown, for a pull request")
    add_output(parser, "--junit", "as JUnit XML")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Judge the candidate against the baseline, or save it as the baseline."""
    from benchmark.evidence.baseline import save_baseline
    from benchmark.evidence.gate import check
    from benchmark.evidence.latency import remeasure
    from benchmark.evidence.show_gate import junit, markdown, show
    from benchmark.evidence.side import load_side

    thresholds = _thresholds(options)
    if (options.baseline is None) == (options.save_baseline is None):
        raise UserError("give either --baseline or --save-baseline")
    candidate = load_side(options.candidate)
    if options.save_baseline:
        path = save_baseline(candidate, options.save_baseline)
        console.print(f"baseline: {path} ({path.stat().st_size / 1e3:.0f} kB)", markup=False)
        return Exit.OK
    baseline = load_side(options.baseline)
    latencies = None
    if options.remeasure:
        tolerated = LATENCY if thresholds.latency is None else thresholds.latency
        thresholds = replace(thresholds, latency=tolerated)
        latencies = remeasure(baseline, candidate, tolerated)
    gate = check(baseline, candidate, thresholds, options.metric, latencies)
    if options.markdown:
        deliver(markdown(gate), options.markdown)
    if options.junit:
        deliver(junit(gate), options.junit)
    if "-" not in (options.markdown, options.junit):
        show(gate, console)
    return gate.verdict.exit_code(options.strict)


def _thresholds(options: argparse.Namespace) -> Thresholds:
    """The thresholds of the suite, if given; options of the command line override them."""
    from benchmark.suite.load import load
    from benchmark.suite.thresholds import Thresholds

    base = load(options.suite).check if options.suite else Thresholds()
    names = [field.name for field in fields(Thresholds)]
    given = {name: getattr(options, name) for name in names}
    return replace(base, **{name: value for name, value in given.items() if value is not None})
