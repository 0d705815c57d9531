"""`reproduce`: run one published cell again and say whether it came out the same."""

from __future__ import annotations

import argparse

from rich.console import Console

from benchmark.errors import Exit


def main(options: argparse.Namespace, console: Console) -> Exit:
    """OK when the same, REGRESSION when different, INCOMPLETE when it cannot be run here."""
    from benchmark.reproduce.compare import reproduce
    from benchmark.reproduce.find import find_cell

    published = find_cell(options.cell, options.source)
    verdict = reproduce(published, options.data, options.device, console)
    for line in verdict.stages:
        console.print(f"  {line}", markup=False)
    reason = f": {verdict.reason}" if verdict.reason else ""
    console.print(f"{options.cell}: {verdict.answer}{reason}", markup=False)
    return {
        "same": Exit.OK,
        "different": Exit.REGRESSION,
        "not reproducible here": Exit.INCOMPLETE,
    }[verdict.answer]
