"""`check`: the regression gate."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace

from rich.console import Console

from benchmark.commands.output import deliver
from benchmark.errors import Exit, UserError
from benchmark.evidence.baseline import save_baseline
from benchmark.evidence.gate import check
from benchmark.evidence.latency import remeasure
from benchmark.evidence.show_gate import junit, markdown, show
from benchmark.evidence.side import load_side
from benchmark.suite.load import load
from benchmark.suite.thresholds import Thresholds

LATENCY = 0.1
"""Tolerated growth of latency where `--remeasure` asks for it and nothing says how much."""


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Judges a candidate by a baseline, or makes it the baseline."""
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
    """Those of the suite, where one is given, with those of the command line over them."""
    base = load(options.suite).check if options.suite else Thresholds()
    names = [field.name for field in fields(Thresholds)]
    given = {name: getattr(options, name) for name in names}
    return replace(base, **{name: value for name, value in given.items() if value is not None})
