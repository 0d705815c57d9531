"""The interface of a command. Each command is a file of this folder and has the file's name.

If the name is a Python keyword, the file name ends in an underscore (`try_.py` is `try`). The help
loads all command files, so they import heavy packages (pandas, pydantic, torch) inside functions.
"""

from __future__ import annotations

import argparse
from typing import Protocol

from rich.console import Console


class Command(Protocol):
    """The attributes that every command file defines."""

    ORDER: int
    """The position of the command in the help, from 1."""

    SUMMARY: str
    """One sentence for the help."""

    EXAMPLE: str
    """A working command line, without `python -m benchmark`."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options and arguments of the command."""

    def main(self, options: argparse.Namespace, console: Console) -> int:
        """Run the command and return its exit code."""
