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

ORDER = 10
SUMMARY = "What an exported model hears in audio files."
EXAMPLE = "transcribe model speech.wav"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The exported model, and what it is to hear."""
    parser.add_argument("model", type=Path, metavar="DIR", help="a folder that `export` wrote")
    parser.add_argument("audio", type=Path, nargs="+", metavar="AUDIO")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Prints one line per file; a file that cannot be read costs the others nothing."""
    from benchmark.data.sound import transcripts

    whole = True
    for path, text, problem in transcripts(options.audio, _loaded(options.model)):
        if text is not None:
            # Not by the console, which makes spaces of tabs.
            put(f"{one_line(str(path))}\t{one_line(text)}\n")
        if problem is not None:
            whole = False
            say(problem)
    return Exit.OK if whole else Exit.INCOMPLETE


def _loaded(folder: Path) -> Callable[[str | Path], str]:
    import soundfile

    from benchmark.export.check import check_folder
    from benchmark.export.transcribe import load

    check_folder(folder)
    try:
        transcribe: Callable[[str | Path], str] = load(folder)
    except ImportError as error:
        raise UserError(f"{folder} needs {error.name}: pip install {error.name}") from None
    except Exception as error:
        raise _unusable(folder, error) from None

    def guarded(path: str | Path) -> str:
        try:
            return transcribe(path)
        except (OSError, ValueError, soundfile.SoundFileError):
            raise
        except Exception as error:
            raise _unusable(folder, error) from None

    return guarded


def _unusable(folder: Path, error: Exception) -> UserError:
    """What runtimes raise where settings do not fit a model shares no type, so all is caught."""
    from benchmark.results.values import reason

    why = reason(f"{type(error).__name__}: {error}")
    return UserError(f"{folder}: its model cannot be used with its settings ({why})")
