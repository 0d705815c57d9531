"""Preparation of the speech of a language: decoding, and a record of what was left out."""

from __future__ import annotations

import errno
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark.data.audio import decode
from benchmark.data.base import SAMPLE_RATE, Utterance
from benchmark.data.corpora.base import SPLITS, Corpus, RawUtterance
from benchmark.data.outcome import Outcome, write_outcome
from benchmark.data.prepared import AUDIO
from benchmark.data.text import normalise
from benchmark.data.vocabulary import frames_needed
from benchmark.errors import DataError

SHORTEST_UNIT = SAMPLE_RATE // 100
"""Samples of the shortest possible character, 10 ms: no model has a finer resolution, and the
fastest speech has a third of this rate."""

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
MaxUtterances = Annotated[int, Field(ge=1)] | None

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class DataLimits:
    """Limits on the utterances used from a corpus.

    max_left_out             largest share of unusable utterances that is not an error
    train, validation, test  maximum number of utterances of each split; None for all
    """

    min_seconds: Seconds = 0.1
    max_seconds: Seconds = 20.0
    max_left_out: Annotated[float, Field(ge=0, le=1)] = 0.1
    train: MaxUtterances = None
    validation: MaxUtterances = None
    test: MaxUtterances = None

    def max_utterances(self, split: str) -> int | None:
        """Maximum number of utterances of a split; None for all."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]


class _UnusableError(Exception):
    """The reason for leaving out an utterance."""


def prepare(
    corpus: Corpus,
    language: str,
    limits: DataLimits,
    destination: Path,
    progress: Progress | None = None,
) -> None:
    """Write manifest, samples, left-out list and summary into the empty folder `destination`, which
    the caller then moves to its final place atomically.

    `progress` is called with the number of utterances done and, if known, their total. Raises
    DataError if the corpus cannot be read, too much of it is unusable, or the disk is full.
    """
    try:
        with (destination / AUDIO).open("wb") as file:
            outcome = _decode_all(corpus, language, limits, file, progress)
        _refuse_excess(outcome, language, limits)
        write_outcome(outcome, corpus, language, destination)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DataError(f"no space left for the speech of {language} in {destination}") from error


def _decode_all(
    corpus: Corpus, language: str, limits: DataLimits, file: BinaryIO, progress: Progress | None
) -> Outcome:
    outcome = Outcome()
    chosen = _chosen(corpus, language, limits)
    offset = done = 0
    for uid, raw in _named(corpus.read(language), language):
        outcome.num_seen += 1
        if chosen is not None and uid not in chosen and raw.problem is None:
            continue
        try:
            samples = _usable(raw, language, limits)
        except _UnusableError as reason:
            outcome.num_unread += raw.problem is not None
            outcome.left_out.append((raw.id, raw.split, str(reason)))
        else:
            data = samples.tobytes()
            file.write(data)
            utterance = Utterance(
                uid=uid,
                language=language,
                split=raw.split,
                speaker=raw.speaker,
                text=raw.text or "",
                duration=len(samples) / SAMPLE_RATE,
                audio_digest=hashlib.sha256(data).hexdigest(),
            )
            outcome.kept.append((utterance, offset))
            offset += len(samples)
        done += 1
        if progress:
            progress(done, None if chosen is None else len(chosen))
    return outcome


def _named(utterances: Iterable[RawUtterance], language: str) -> Iterator[tuple[str, RawUtterance]]:
    """Every utterance with its uid; repeated ids get a number."""
    seen: set[str] = set()
    repeats: Counter[str] = Counter()
    for raw in utterances:
        uid = base = f"{language}/{raw.split}/{raw.id}"
        while uid in seen:
            repeats[base] += 1
            uid = f"{base}~{repeats[base] + 1}"
        seen.add(uid)
        yield uid, raw


def _chosen(corpus: Corpus, language: str, limits: DataLimits) -> set[str] | None:
    """The uids within the limits of each split, selected by the hash of their uid, so that the
    order of files does not matter; None if there are no limits."""
    if all(limits.max_utterances(split) is None for split in SPLITS):
        return None
    ranked: dict[str, list[tuple[str, str]]] = {split: [] for split in SPLITS}
    for uid, raw in _named(corpus.read(language), language):
        if raw.problem is None:
            ranked[raw.split].append((hashlib.sha256(uid.encode()).hexdigest(), uid))
    return {
        uid for split in SPLITS for _, uid in sorted(ranked[split])[: limits.max_utterances(split)]
    }


def _usable(raw: RawUtterance, language: str, limits: DataLimits) -> NDArray[np.int16]:
    """The samples of an utterance. Raises _UnusableError."""
    from benchmark.data.sound import no_speech_reason

    if raw.problem is not None:
        raise _UnusableError(raw.problem)
    text = normalise(raw.text or "", language)
    if not text:
        raise _UnusableError("no transcript")
    if raw.audio is None:
        raise _UnusableError("no audio")
    try:
        samples = decode(raw.audio, limits.max_seconds)
    except ValueError as error:
        raise _UnusableError(str(error)) from None
    if len(samples) > limits.max_seconds * SAMPLE_RATE:
        raise _UnusableError(f"longer than {limits.max_seconds:g} s")
    if reason := no_speech_reason(samples / 32768, SAMPLE_RATE, limits.min_seconds):
        raise _UnusableError(reason)
    if frames_needed(text) > 1 + len(samples) // SHORTEST_UNIT:
        raise _UnusableError(
            f"transcript too long for its audio: {len(text)} characters in"
            f" {len(samples) / SAMPLE_RATE:.2f} s"
        )
    return samples


def _refuse_excess(outcome: Outcome, language: str, limits: DataLimits) -> None:
    left_out = outcome.left_out
    total = len(outcome.kept) + len(left_out)
    if not total:
        raise DataError(f"the corpus has no utterance of {language}")
    if outcome.kept and outcome.share_left_out <= limits.max_left_out:
        return
    counted = outcome.reasons.most_common(3)
    reasons = ", ".join(f"{reason} ({count})" for reason, count in counted)
    first = ", ".join(f"{split}/{id_}" for id_, split, _ in left_out[:3])
    raise DataError(
        f"{len(left_out)} of {total} utterances of {language} cannot be used: {reasons}; "
        f"first {first}.\nAt most {limits.max_left_out:.0%} may be left out (`max_left_out`)."
    )
