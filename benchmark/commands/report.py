"""`report`: renders reports again from results folders."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit

ORDER = 3
SUMMARY = "Render reports again from results folders."
EXAMPLE = "report results/multilingual"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The results folders and the folder for reports."""
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Render a report of each results folder. This needs no model and no GPU."""
    from benchmark.report.render import render
    from benchmark.results.folders import results_folders

    for results in results_folders(options.results, console):
        console.print(f"report:  {render(results, options.reports)}", markup=False)
    return Exit.OK
