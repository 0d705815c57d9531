"""What a command is: a file of this folder, named as it is typed.

A name that is a Python keyword ends in an underscore (`try_.py` is `try`). A command file imports
heavy packages (pandas, pydantic, torch) inside functions: the help loads all command files.
"""

from __future__ import annotations

import argparse
from typing import Protocol

from rich.console import Console


class Command(Protocol):
    """What every command file defines."""

    ORDER: int
    """The place of the command in the help, from 1."""

    SUMMARY: str
    """One sentence for the help."""

    EXAMPLE: str
    """A command line that works, without `python -m benchmark`."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options and arguments of the command."""

    def main(self, options: argparse.Namespace, console: Console) -> int:
        """Run the command and return its exit code."""
