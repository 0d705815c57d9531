"""`report`: render reports again, from results alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit

ORDER = 3
SUMMARY = "Render reports again, from results alone."
EXAMPLE = "report results/multilingual"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which results, and where the reports go."""
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Needs no model and no GPU."""
    from benchmark.report.render import render
    from benchmark.results.folders import results_folders

    for results in results_folders(options.results, console):
        console.print(f"report:  {render(results, options.reports)}", markup=False)
    return Exit.OK
