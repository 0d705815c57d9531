from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from published import tone

from benchmark.data.audio import decode


def test_16_khz_wav_is_its_own_samples() -> None:
    samples = np.arange(-8000, 8000, dtype=np.int16) * 4
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format="WAV")
    np.testing.assert_array_equal(decode(file.getvalue(), 20), samples)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_resampled_tone_is_the_same_tone(rate: int) -> None:
    got = decode(tone(rate=rate, pitch=500), 20)
    expected = 0.3 * 32768 * np.sin(2 * np.pi * 500 * np.arange(8_000) / 16_000)
    assert len(got) == len(expected)
    away_from_the_ends = slice(400, -400)
    error = got[away_from_the_ends] - expected[away_from_the_ends]
    assert np.abs(error).max() < 0.01 * 0.3 * 32768


@pytest.mark.parametrize(("kind", "tolerance"), [("FLAC", 1), ("OGG", 2000), ("MP3", 2000)])
def test_compressed_files_decode(kind: str, tolerance: int) -> None:
    plain, coded = decode(tone(), 20), decode(tone(kind=kind), 20)
    middle = slice(2000, 6000)
    assert np.abs(plain[middle].astype(int) - coded[middle]).max() <= tolerance


def test_channels_are_averaged() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.array([[1000, 3000]] * 10, dtype=np.int16), 16_000, format="WAV")
    assert decode(file.getvalue(), 20).tolist() == [2000] * 10


def test_no_more_than_a_second_beyond_the_limit_is_read() -> None:
    assert len(decode(tone(seconds=5), max_seconds=2)) == 3 * 16_000


@pytest.mark.parametrize("data", [b"", b"not audio", tone()[:20]])
def test_what_is_no_audio_does_not_decode(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data, 20)


def test_absurd_sample_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="unusual sample rate of 44101 Hz"):
        decode(tone(rate=44_101, seconds=0.1), 20)


def test_samples_that_are_not_numbers_are_refused() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.full(100, np.nan), 16_000, format="WAV", subtype="FLOAT")
    with pytest.raises(ValueError, match="not numbers"):
        decode(file.getvalue(), 20)


def encoded(samples: np.ndarray, rate: int = 16_000, **kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **{"format": "WAV", **kind})
    return file.getvalue()


SPEECHLIKE = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
OPPOSITE = np.stack([SPEECHLIKE, -0.9 * SPEECHLIKE], axis=1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty file"),
        (b"<!DOCTYPE html><p>404", "not audio: an HTML or XML page"),
        (b'{"error": "not found"}', "not audio: text"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "not audio: a Git LFS pointer"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not audio: a PNG image"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(99), "format not read: m4a"),
        (b"\xff\xf1\x50\x80" + bytes(range(99)), "format not read: AAC"),
        (b"#!AMR\n" + bytes(99), "format not read: AMR"),
        (encoded(SPEECHLIKE)[:16_044], "breaks off: 0.50 s of 1.00 s"),
        (encoded(SPEECHLIKE, format="FLAC")[:-100], "breaks off: "),
        (encoded(SPEECHLIKE, format="OGG")[:3000], "breaks off: the Ogg stream has no end"),
        (encoded(SPEECHLIKE, format="MP3")[:-500], "breaks off: "),
        (encoded(SPEECHLIKE[:0]), "no samples: a header alone"),
        (encoded(np.append(SPEECHLIKE, np.inf), subtype="FLOAT"), "samples that are not numbers"),
        (encoded(SPEECHLIKE, rate=100), "unusual sample rate of 100 Hz"),
        (encoded(OPPOSITE), "channels cancel: the mean of 2"),
        (encoded(np.hstack([OPPOSITE, OPPOSITE])), "channels cancel: the mean of 4"),
    ],
)
def test_what_cannot_be_heard_is_said_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        decode(data, 20)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    "channels",
    [
        np.stack([SPEECHLIKE, 0 * SPEECHLIKE], 1),
        np.stack([SPEECHLIKE, SPEECHLIKE], 1),
        np.random.default_rng(0).normal(0, 0.1, (16_000, 8)),
    ],
)
def test_channels_that_do_not_cancel_are_heard(channels: np.ndarray) -> None:
    assert np.abs(decode(encoded(channels), 20)).max() > 1000


def test_a_header_that_cannot_know_its_length_is_no_damage() -> None:
    data = encoded(SPEECHLIKE)
    piped = data[:40] + b"\xff\xff\xff\xff" + data[44:]
    assert len(decode(piped, 20)) == 16_000


def test_format_is_told_by_content() -> None:
    for kind in ("MP3", "FLAC", "OGG"):
        assert len(decode(encoded(SPEECHLIKE, format=kind), 20)) == pytest.approx(16_000, abs=800)
