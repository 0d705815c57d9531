"""`report`: render reports again, from results alone."""

from __future__ import annotations

import argparse

from rich.console import Console

from benchmark.errors import Exit


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Needs no model and no GPU."""
    from benchmark.report.render import render
    from benchmark.results.folders import results_folders

    for results in results_folders(options.results, console):
        console.print(f"report:  {render(results, options.reports)}", markup=False)
    return Exit.OK
