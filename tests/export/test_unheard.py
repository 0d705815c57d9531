"""Files without speech to hear: what `transcribe` and the exported script say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmark.data.sound import transcripts

TONE = 0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16_000)


def written(path: Path, samples: np.ndarray, kind: str = "WAV") -> Path:
    soundfile.write(path, samples, 16_000, format=kind)
    return path


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros(16_000), "silent"),
        (np.full(16_000, 0.2), "silent"),
        (TONE[:500], "shorter than 0.1 s"),
        (np.stack([TONE, -TONE], 1), "channels cancel"),
        (TONE[:0], "no samples"),
        (None, "empty file"),
    ],
)
def test_a_file_without_speech_has_an_empty_transcript_and_a_reason(
    tmp_path: Path, samples: np.ndarray | None, words: str
) -> None:
    quiet = tmp_path / "quiet.wav"
    quiet.write_bytes(b"") if samples is None else written(quiet, samples)
    loud = written(tmp_path / "loud.wav", TONE)
    unheard, heard = transcripts([quiet, loud], lambda path: "heard")
    assert unheard[:2] == (quiet, "")
    assert unheard[2].startswith(f"{quiet} holds no speech to hear: {words}")
    assert len(unheard[2].splitlines()) == 1
    assert heard == (loud, "heard", None)


@pytest.mark.parametrize("content", [b"<html></html>", b"\0\0\0\x20ftypM4A ", None])
def test_a_file_that_cannot_be_read_has_no_transcript(
    tmp_path: Path, content: bytes | None
) -> None:
    broken = tmp_path / "broken.wav"
    if content:
        broken.write_bytes(content)
    loud = written(tmp_path / "loud.mp3.txt", TONE, "MP3")
    unread, heard = transcripts([broken, loud], lambda path: "heard")
    assert unread[:2] == (broken, None)
    assert unread[2].startswith(f"error: {broken} cannot be read: ")
    assert heard == (loud, "heard", None)
