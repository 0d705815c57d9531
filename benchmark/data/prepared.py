"""Prepared speech of one language, which all later stages read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE, Utterance
from benchmark.errors import DataError

MANIFEST, AUDIO, LEFT_OUT, SUMMARY = (
    "manifest.parquet",
    "audio.i16",
    "left_out.parquet",
    "summary.json",
)
MOST_REASONS = 4
"""Number of reasons for leaving out utterances that are listed."""

FIELDS = ("uid", "language", "split", "speaker", "text", "duration", "audio_digest")


@dataclass(frozen=True)
class Prepared:
    """A folder written by `prepare`; audio is memory-mapped."""

    path: Path
    utterances: list[Utterance]
    offsets: dict[str, int]
    summary: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> Prepared:
        """Open a folder. Raises DataError if it holds no prepared speech."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            summary = json.loads((path / SUMMARY).read_text(encoding="utf-8"))
            rows = pq.read_table(path / MANIFEST).to_pylist()
            size = (path / AUDIO).stat().st_size
        except (OSError, ValueError, pa.ArrowException) as error:
            raise DataError(f"{path} holds no prepared speech: {error}") from error
        utterances = [Utterance(**{field: row[field] for field in FIELDS}) for row in rows]
        offsets = {row["uid"]: row["offset"] for row in rows}
        if size != 2 * sum(_num_samples(utterance) for utterance in utterances):
            raise DataError(f"{path / AUDIO} does not have the length in its manifest")
        return cls(path, utterances, offsets, summary)

    @property
    def digest(self) -> str:
        """SHA-256 of texts, speakers, splits and audio: equal digests are equal data."""
        return str(self.summary["digest"])

    @property
    def num_left_out(self) -> int:
        """Number of utterances of the corpus that were left out."""
        return sum(self.summary["left_out"].values())

    @property
    def losses(self) -> str | None:
        """A sentence on what was left out and why; None if nothing was."""
        if not self.num_left_out:
            return None
        reasons = sorted(self.summary["left_out"].items(), key=lambda each: (-each[1], each[0]))
        phrases = [f"{reason} ({count})" for reason, count in reasons[:MOST_REASONS]]
        if rest := sum(count for _, count in reasons[MOST_REASONS:]):
            phrases.append(f"other reasons ({rest})")
        total = self.num_left_out + len(self.utterances)
        language = self.summary["language"]
        return f"{self.num_left_out} of {total} utterances of {language}: {', '.join(phrases)}"

    @cached_property
    def by_uid(self) -> dict[str, Utterance]:
        return {utterance.uid: utterance for utterance in self.utterances}

    def split(self, name: str) -> list[Utterance]:
        """The utterances of `train`, `validation` or `test`, in the order of the corpus."""
        return [utterance for utterance in self.utterances if utterance.split == name]

    def waveform(self, uid: str) -> NDArray[np.int16]:
        """Samples (S,) at 16 kHz, int16, read-only, memory-mapped.

        Raises KeyError for an unknown uid.
        """
        start = self.offsets[uid]
        return self.samples[start : start + _num_samples(self.by_uid[uid])]

    @cached_property
    def samples(self) -> NDArray[np.int16]:
        """Samples of all utterances at 16 kHz, int16, read-only, memory-mapped."""
        return np.memmap(self.path / AUDIO, dtype="<i2", mode="r")


def _num_samples(utterance: Utterance) -> int:
    return round(utterance.duration * SAMPLE_RATE)
