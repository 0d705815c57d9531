"""`describe`: the documentation of one method, optimizer, compression, model or corpus."""

from __future__ import annotations

import argparse
import inspect
from dataclasses import MISSING, fields
from typing import Any, get_args, get_origin, get_type_hints

from rich.console import Console

from benchmark.errors import Exit, UserError, did_you_mean

ORDER = 12
SUMMARY = "Describe one method, optimizer, compression, model or corpus in full."
EXAMPLE = "describe maml"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The name of the member."""
    parser.add_argument("name")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print the description, paper, parameters, defaults and search space of one member."""
    cls, implied = _find(options.name)
    console.print(inspect.cleandoc(cls.__doc__ or ""), markup=False)
    if paper := getattr(cls, "paper", ""):
        console.print(f"\nSource: {paper}", markup=False)
    settings = fields(cls)
    if settings:
        console.print("\nParameters")
    hints = get_type_hints(cls)
    for setting in settings:
        default = implied.get(setting.name, _default(setting))
        console.print(
            f"  {setting.name:<18} {_type(hints[setting.name]):<28} {default}", markup=False
        )
    if space := getattr(cls, "search_space", None):
        console.print("\nTuned over (its default included)")
        for name, values in space.items():
            console.print(f"  {name:<18} {', '.join(map(str, values))}", markup=False)
    return Exit.OK


def _find(name: str) -> tuple[type, dict[str, Any]]:
    """The class of a member and the settings that its name implies."""
    from benchmark.registry import AXES

    failure = None
    for axis in AXES.values():
        try:
            member = axis.trust(name)
        except UserError as error:
            failure = error
            if name in axis.names():
                return axis.members[list(axis.members)[axis.names().index(name)]], {}
            continue
        return member.cls, dict(member.implied)
    if failure and ":" in name:
        raise failure
    names = [member for axis in AXES.values() for member in axis.names()]
    raise UserError(f"nothing is called {name!r}{did_you_mean(name, names)}")


def _default(setting: Any) -> str:
    if setting.default is not MISSING:
        return repr(setting.default)
    if setting.default_factory is not MISSING:
        return repr(setting.default_factory())
    return "(required)"


def _type(hint: Any) -> str:
    """`float | None` for an optional float, `'a' | 'b'` for a choice."""
    if type(None) in get_args(hint):
        return f"{_type(get_args(hint)[0])} | None"
    if str(get_origin(hint)) == "typing.Literal":
        return " | ".join(map(repr, get_args(hint)))
    return getattr(hint, "__name__", str(hint))
