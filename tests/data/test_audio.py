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
