"""The definition of an utterance."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE_RATE = 16_000
"""Hz; every corpus is resampled to it when it is prepared."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One row of a manifest.

    `speaker` is None if the corpus does not name the speaker. `text` is as published, before
    normalisation. `duration` is in seconds. `audio_digest` is the SHA-256 of the decoded samples.
    """

    uid: str
    language: str
    split: str
    speaker: str | None
    text: str
    duration: float
    audio_digest: str
