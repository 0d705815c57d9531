"""Decoding of audio to one channel, or the reason why audio cannot be used.

It needs only numpy and soundfile, and nothing of this package, because exported models ship this
file. Formats are recognised by content, never by file name.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float64]

MIN_SECONDS = 0.1
SILENT_PEAK = 33 / 32768
"""Largest distance of samples from the middle of their range in silence: -60 dB of full scale."""

RATES = (4_000, 768_000)
"""Range of sampling rates in Hz: below it speech loses its formants, above it nobody records."""

CANCELLED = 0.1
"""Channels cancel if the RMS of their mean is below this share of theirs: -20 dB. For independent
channels it is -3 dB for two and -9 dB for eight."""

SPARE = 0.01
"""Seconds by which headers may overstate the length: some count their own bytes."""

XING = (b"Xing", b"Info")
"""Headers of MP3 files; without one, libsndfile estimates the length from the first frames."""

UNREAD = {
    b"#!AMR": "AMR",
    b"0&\xb2u": "WMA (ASF)",
    b"\x1aE\xdf\xa3": "WebM or Matroska",
    b"wvpk": "WavPack",
    b"MAC ": "Monkey's Audio",
    b"\xff\xf1": "AAC (ADTS)",
    b"\xff\xf9": "AAC (ADTS)",
    b"TTA": "True Audio",
    b".RMF": "RealAudio",
    b"ADIF": "AAC",
}
"""Audio formats that libsndfile does not read, by their first bytes."""

NO_AUDIO = {
    b"version https://git-lfs": "a Git LFS pointer (`git lfs pull` fetches the file)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet table",
}


class UnusableAudioError(ValueError):
    """Why audio cannot be used: the kind, and details of the file after a colon."""


class NoSpeechError(UnusableAudioError):
    """The file can be read but contains no speech."""


def read(data: bytes, max_seconds: float | None = None) -> tuple[Samples, int]:
    """Samples (S,) in float64 of all channels averaged, and their rate in Hz.

    It reads at most one second beyond `max_seconds`, to limit memory for very long files. Raises
    UnusableAudioError if the data are not audio, damaged or truncated, or if the channels cancel.
    """
    if not data:
        raise NoSpeechError("empty file")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, total = file.samplerate, file.frames
            if not RATES[0] <= rate <= RATES[1]:
                raise UnusableAudioError(f"unusual sample rate of {rate} Hz")
            most = total if max_seconds is None else min(total, int((max_seconds + 1) * rate))
            channels = _frames(file, most, data)
            guessed = file.format == "MP3" and not any(name in data[:65536] for name in XING)
    except UnusableAudioError:
        raise
    except (soundfile.SoundFileError, TypeError, OverflowError) as error:
        raise UnusableAudioError(_what_it_is(data) or f"does not decode: {_last(error)}") from error
    promised = _promised(data, total)
    missing = most - len(channels) + (promised - total if most == total else 0)
    if missing > SPARE * rate and not (guessed and len(channels)):
        raise UnusableAudioError(
            f"breaks off: {len(channels) / rate:.2f} s of {promised / rate:.2f} s can be read"
        )
    if not len(channels):
        raise NoSpeechError(_what_it_is(data) or "no samples: a header alone")
    if not np.isfinite(channels).all():
        raise UnusableAudioError("samples that are not numbers")
    samples: Samples = channels.mean(axis=1)
    if np.ptp(channels) >= 2 * SILENT_PEAK and _rms(samples) < CANCELLED * _rms(channels):
        raise NoSpeechError(
            f"channels cancel: the mean of {channels.shape[1]} in opposite phase is nearly silent"
        )
    return samples, rate


def no_speech_reason(samples: Samples, rate: int, min_seconds: float = MIN_SECONDS) -> str | None:
    """Why samples (S,) contain no speech; None if they may."""
    if len(samples) < max(1, min_seconds * rate):
        return f"shorter than {min_seconds:g} s"
    if np.ptp(samples) < 2 * SILENT_PEAK:
        return "silent"
    return None


def check(path: str | Path) -> None:
    """Raises UnusableAudioError if the file has no usable speech."""
    samples, rate = read(Path(path).read_bytes())
    if reason := no_speech_reason(samples, rate):
        raise NoSpeechError(reason)


def transcripts(
    paths: Iterable[str | Path], transcribe: Callable[[str | Path], str]
) -> Iterator[tuple[str | Path, str | None, str | None]]:
    """For each path: the path, the transcript by `transcribe`, and the problem, if any.

    The transcript is empty for a file without speech, and None for one that cannot be read.
    """
    for path in paths:
        try:
            check(path)
            yield path, transcribe(path), None
        except NoSpeechError as reason:
            yield path, "", f"{path} holds no speech to hear: {reason}"
        except (OSError, ValueError, soundfile.SoundFileError) as error:
            yield path, None, f"error: {path} cannot be read: {error}"


def main(transcribe: Callable[[str | Path], str]) -> None:
    """Transcribe the files on the command line; exits with 3 unless all contain speech."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    whole = True
    for path, text, problem in transcripts(sys.argv[1:], transcribe):
        if text is not None:
            print(path, text, sep="\t", flush=True)
        if problem is not None:
            whole = False
            print(problem, file=sys.stderr)
    sys.exit(0 if whole else 3)


def _frames(file: soundfile.SoundFile, count: int, data: bytes) -> Samples:
    """`count` frames (S, C), fewer if the file is truncated."""
    try:
        frames: Samples = file.read(count, dtype="float64", always_2d=True)
    except soundfile.SoundFileError:
        return _up_to_the_break(data, count)
    return frames


def _up_to_the_break(data: bytes, count: int) -> Samples:
    blocks = []
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        try:
            while count > 0:
                blocks.append(file.read(min(count, 1024), dtype="float64", always_2d=True))
                count -= len(blocks[-1]) or count
        except soundfile.SoundFileError:
            pass
        return np.concatenate([np.zeros((0, file.channels)), *blocks])


def _promised(data: bytes, total: int) -> int:
    """Number of frames in the header of a WAV file; libsndfile counts those that exist.

    It is `total` for other files, and for files written to a pipe, whose length was unknown.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return total
    position, width = 12, 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] == b"fmt ":
            code, width = (
                int.from_bytes(data[position + i : position + i + 2], "little") for i in (8, 20)
            )
            if code not in (1, 3, 6, 7, 0xFFFE):  # frames of other codecs have no width
                return total
        if data[position : position + 4] == b"data":
            return size // width if width and size < 0x7FFFFF00 else total
        position += 8 + size + size % 2
    return total


def _what_it_is(data: bytes) -> str | None:
    """The kind of data that libsndfile does not read, in words; None if unknown."""
    for start, name in UNREAD.items():
        if data.startswith(start):
            return f"format not read: {name}; WAV, FLAC, Ogg, Opus and MP3 are"
    if data.startswith(b"OggS") and not _is_whole_ogg(data):
        return "breaks off: the Ogg stream has no end"
    if data[4:8] == b"ftyp":
        return "format not read: m4a (AAC in MP4); WAV, FLAC, Ogg, Opus and MP3 are"
    for start, name in NO_AUDIO.items():
        if data.startswith(start):
            return f"not audio: {name}"
    if not any(data):
        return "not audio: zeros alone"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<":
        return "not audio: an HTML or XML page"
    text = data[:512].decode("utf-8", errors="replace").rstrip("\ufffd")
    if all(char.isprintable() or char in "\t\r\n" for char in text) and "\ufffd" not in text:
        return "not audio: text"
    return None


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0


def _is_whole_ogg(data: bytes) -> bool:
    """Whether the last page is complete and marked as the last."""
    page = data[data.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    return len(page) >= 27 + len(segments) + sum(segments) > 27 and bool(page[5] & 4)


def _last(error: Exception) -> str:
    """The message of libsndfile, without the name of a memory buffer."""
    words = str(error).rsplit(">: ", 1)[-1].rstrip(". ")
    # The message of libsndfile for an MP3 file with an incomplete first frame.
    return "too little of it is there" if words.startswith("File does not exist") else words
