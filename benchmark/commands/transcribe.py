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
from benchmark.system.streams import one_line, put, say


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Prints one line per file; a file that cannot be read costs the others nothing."""
    import soundfile

    transcribe = _loaded(options.model)
    sound = True
    for path in options.audio:
        try:
            text = transcribe(path)
        except (OSError, ValueError, soundfile.SoundFileError) as error:
            sound = False
            say(f"error: {path} cannot be read: {error}")
        else:
            # Not by the console, which makes spaces of tabs.
            put(f"{one_line(str(path))}\t{one_line(text)}\n")
    return Exit.OK if sound else Exit.INCOMPLETE


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
