"""Files without speech to hear: what `transcribe` and the exported script say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmark.data.sound import transcribe_all

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
    tmp_path: Path, capsys: pytest.CaptureFixture[str], samples: np.ndarray | None, words: str
) -> None:
    quiet = tmp_path / "quiet.wav"
    quiet.write_bytes(b"") if samples is None else written(quiet, samples)
    loud = written(tmp_path / "loud.wav", TONE)
    assert not transcribe_all([quiet, loud], lambda path: "heard")
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [f"{quiet}\t", f"{loud}\theard"]
    assert captured.err.startswith(f"{quiet} holds no speech to hear: {words}")
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("content", [b"<html></html>", b"\0\0\0\x20ftypM4A ", None])
def test_a_file_that_cannot_be_read_has_no_transcript(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    broken = tmp_path / "broken.wav"
    if content:
        broken.write_bytes(content)
    loud = written(tmp_path / "loud.mp3.txt", TONE, "MP3")
    assert not transcribe_all([broken, loud], lambda path: "heard")
    captured = capsys.readouterr()
    assert captured.out == f"{loud}\theard\n"
    assert captured.err.startswith(f"error: {broken} cannot be read: ")


def test_speech_alone_is_all_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert transcribe_all([written(tmp_path / "a.wav", TONE)], lambda path: "heard")
    assert not capsys.readouterr().err
