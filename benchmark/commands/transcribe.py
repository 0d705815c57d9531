"""`transcribe`: transcribes audio files with an exported model.

The command runs this package's copy of the script in exported folders. No code of a folder runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit, UserError
from benchmark.system.streams import one_line, put, say

ORDER = 10
SUMMARY = "Transcribe audio files with an exported model."
EXAMPLE = "transcribe model speech.wav"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The exported model and the audio files."""
    parser.add_argument("model", type=Path, metavar="DIR", help="a folder that `export` wrote")
    parser.add_argument("audio", type=Path, nargs="+", metavar="AUDIO")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print one line per file. A file that cannot be read does not affect the others."""
    from benchmark.data.sound import transcripts

    complete = True
    for path, text, problem in transcripts(options.audio, _load(options.model)):
        if text is not None:
            # The console would replace tabs by spaces.
            put(f"{one_line(str(path))}\t{one_line(text)}\n")
        if problem is not None:
            complete = False
            say(problem)
    return Exit.OK if complete else Exit.INCOMPLETE


def _load(folder: Path) -> Callable[[str | Path], str]:
    """The transcription function of an exported folder. Raises UserError if it cannot be used."""
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
    """The error for a model whose settings do not fit it.

    Runtimes raise exceptions without a common base class in this case, so callers catch all.
    """
    from benchmark.results.values import reason

    why = reason(f"{type(error).__name__}: {error}")
    return UserError(f"{folder}: its model cannot be used with its settings ({why})")
