"""`list`: what can go in a suite, one line each."""

from __future__ import annotations

import argparse
import inspect

from rich.console import Console

from benchmark.errors import Exit
from benchmark.registry import AXES


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Prints the members of one axis, or of all."""
    for title, axis in AXES.items():
        if options.axis not in (None, title):
            continue
        console.print(title, style="bold")
        for name, cls in zip(axis.names(), axis.members.values(), strict=True):
            summary = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
            console.print(f"  {name:<18} {summary}", markup=False)
    return Exit.OK
