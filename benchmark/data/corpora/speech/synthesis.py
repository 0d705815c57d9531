"""Text to samples: the parent's side of the eSpeak NG child process."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import DataError

_PROGRAM = Path(__file__).with_name("espeak.py")


class Synthesizer:
    """One child process, started by `with`; `sample_rate` is in Hz.

    The same calls in the same order give the same samples. eSpeak NG carries some state from one
    text to the next, so another order may not.
    """

    sample_rate: int

    def __enter__(self) -> Synthesizer:
        self._errors = tempfile.TemporaryFile()
        # -P keeps modules beside the program from shadowing those of the standard library.
        self._child = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        (self.sample_rate,) = struct.unpack("<I", self._receive(4))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.communicate()
        self._errors.close()

    def speak(self, voice: str, rate: int, pitch: int, text: str) -> NDArray[np.int16]:
        """Samples (T,) of `text` in an eSpeak NG voice, at `rate` words per minute, `pitch` 0-99.

        Raises DataError if eSpeak NG fails.
        """
        request = {"voice": voice, "rate": rate, "pitch": pitch, "text": text}
        try:
            self._pipe(self._child.stdin).write(json.dumps(request).encode() + b"\n")
            self._pipe(self._child.stdin).flush()
        except BrokenPipeError:
            raise self._failure() from None
        (size,) = struct.unpack("<I", self._receive(4))
        return np.frombuffer(self._receive(size), dtype="<i2")

    def _receive(self, size: int) -> bytes:
        data = self._pipe(self._child.stdout).read(size)
        if len(data) < size:
            raise self._failure()
        return data

    def _failure(self) -> DataError:
        status = self._child.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        reason = next((line for line in reversed(lines) if line.strip()), f"exit status {status}")
        return DataError(f"eSpeak NG, which speaks the synthetic corpus, failed: {reason}")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe
