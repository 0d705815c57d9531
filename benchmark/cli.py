"""The command line: parse, call.

The commands are the files of `benchmark/commands/`; adding a command is adding a file there.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any, cast

import benchmark.commands
from benchmark.commands.base import Command
from benchmark.system.denials import Place
from benchmark.system.guard import guarded
from benchmark.system.places import chosen_places, require_machine
from benchmark.system.revision import version_line
from benchmark.system.streams import Terminal, put


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].endswith((".yaml", ".yml")):
        given.insert(0, "run")
    places: list[Place] = []

    def command() -> int:
        options = _parser(given).parse_args(given)
        require_machine()
        places.extend(chosen_places(options))
        chosen: Command = options.command
        return chosen.main(options, Terminal())

    return guarded(command, "--debug" in given, places)


def commands() -> dict[str, Command]:
    """All commands by the name that is typed, in the order of the help."""
    modules = {
        module.name.removesuffix("_"): importlib.import_module(f"benchmark.commands.{module.name}")
        for module in pkgutil.iter_modules(benchmark.commands.__path__)
        if not module.ispkg and module.name != "base"
    }
    found = {name: cast(Command, module) for name, module in modules.items()}
    return dict(sorted(found.items(), key=lambda named: (named[1].ORDER, named[0])))


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the command line `given`.

    Only the command that is typed declares its options: those of `list` import all axes.
    """
    typed = next((word for word in given if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="python -m benchmark",
        description="Compare meta-learning methods, optimizers and compressions for speech"
        " recognition in languages with little data.",
        epilog="python -m benchmark SUITE.yaml is short for python -m benchmark run SUITE.yaml",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in commands().items():
        subparser: argparse.ArgumentParser = subparsers.add_parser(
            name,
            help=command.SUMMARY,
            description=command.SUMMARY,
            epilog=f"example: python -m benchmark {command.EXAMPLE}",
        )
        subparser.add_argument("--debug", action="store_true", help="show tracebacks")
        subparser.set_defaults(command=command)
        if name == typed:
            command.add_options(subparser)
    return parser


class _Version(argparse.Action):
    """Asks git for the commit only where the version is wanted."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        put(version_line() + "\n")
        parser.exit()
