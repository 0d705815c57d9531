"""`list`: the members that a suite can name, one line each."""

from __future__ import annotations

import argparse
import inspect

from rich.console import Console

from benchmark.errors import Exit

ORDER = 11
SUMMARY = "List what a suite can name, one line each."
EXAMPLE = "list methods"


def add_options(parser: argparse.ArgumentParser) -> None:
    """One axis, or all."""
    from benchmark.registry import AXES

    parser.add_argument("axis", nargs="?", choices=list(AXES), help="default: all axes")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print the members of one axis, or of all."""
    from benchmark.registry import AXES

    for title, axis in AXES.items():
        if options.axis not in (None, title):
            continue
        console.print(title, style="bold")
        for name, cls in zip(axis.names(), axis.members.values(), strict=True):
            summary = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
            console.print(f"  {name:<18} {summary}", markup=False)
    return Exit.OK
