"""The folders and files of a command: whether they are writable, and what to set instead."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmark.cache import REMEDY, cache_folder, home
from benchmark.errors import UserError
from benchmark.system.denials import Place, denial

OPTIONS = {
    "results": "--results",
    "reports": "--reports",
    "source": "--from",
    "to": "--to",
    "save_baseline": "--save-baseline",
    "baseline": "--baseline",
    "candidate": "--candidate",
    "data": "--data",
    "markdown": "--markdown",
    "junit": "--junit",
    "json": "--json",
}
"""Options that name a file or folder, by their names in argparse."""

LIBRARIES = {
    "HF_HOME": "~/.cache/huggingface",
    "MPLCONFIGDIR": "~/.config/matplotlib",
    "TRITON_CACHE_DIR": "~/.triton",
}
"""Variables that set where libraries write, and their defaults."""

_BLOCK = bytes(4096)


def require_machine() -> None:
    """Raises UserError if the command cannot start; sets defaults that libraries need.

    Libraries look up the user's name and write below HOME. If the system does not know the user
    (`docker --user`), or HOME is not writable, they get a name and a folder in the cache.
    """
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UserError("the working directory is gone; change to one that exists") from None
    if not _has_name():
        os.environ["USER"] = f"user{os.getuid()}"
    if not _writable_home():
        with suppress(UserError):
            libraries = cache_folder().absolute() / "libraries"
            for variable, below_home in LIBRARIES.items():
                if not Path(below_home).expanduser().is_dir():
                    os.environ.setdefault(variable, str(libraries / variable.lower()))


def chosen_places(options: argparse.Namespace) -> Iterator[Place]:
    """The places in the options of a command, and the cache.

    Raises UserError for a path that is not UTF-8, which the libraries cannot open.
    """
    for name, option in OPTIONS.items():
        value = getattr(options, name, None)
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, str | Path) and str(path) != "-":
                _require_utf8(str(path))
                # Positional arguments, such as the results of `report`, are only read.
                yield Place(Path(path), "" if isinstance(value, list) else give_another(option))
    with suppress(UserError):
        cache = Place(cache_folder(), REMEDY)
        _require_utf8(str(cache.path))
        yield cache


def _require_utf8(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UserError(f"{path}: this path is not UTF-8; rename it") from None


def give_another(option: str) -> str:
    """The remedy for a place set by an option."""
    return f"give another place by {option}"


def require_writable(place: Place) -> None:
    """Create a folder and test writing. Raises UserError with the reason and what to set."""
    try:
        place.path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place.path) as file:
            file.write(_BLOCK)
    except OSError as error:
        reason = denial(error, [place]) or f"{place.path}: {error.strerror}; {place.remedy}"
        raise UserError(reason) from None


def _has_name() -> bool:
    import getpass

    try:
        return bool(getpass.getuser())
    except (KeyError, OSError):
        return False


def _writable_home() -> bool:
    try:
        folder = home()
    except RuntimeError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
