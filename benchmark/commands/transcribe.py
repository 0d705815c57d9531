"""`transcribe`: what an exported model hears in audio files.

It runs the script that exported folders hold, but this package's copy of it: nothing in a folder
is executed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit, UserError


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Prints one line per file; a file that cannot be read costs the others nothing."""
    from benchmark.data.sound import transcribe_all

    # Not by the console, which makes spaces of tabs.
    return Exit.OK if transcribe_all(options.audio, _loaded(options.model)) else Exit.INCOMPLETE


def _loaded(folder: Path) -> Callable[[Path], str]:
    from benchmark.deploy.check import check_folder
    from benchmark.deploy.transcribe import load

    check_folder(folder)
    try:
        transcribe: Callable[[Path], str] = load(folder)
    except ImportError as error:
        raise UserError(f"{folder} needs {error.name}: pip install {error.name}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{folder}: its settings cannot be read ({error!r})") from None
    return transcribe
