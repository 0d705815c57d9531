"""The separation of support pool and test set: no shared utterance, speaker or sentence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.data.base import Utterance
from benchmark.data.text import normalise
from benchmark.errors import DataError

Shareable = Literal["speaker", "text"]


@dataclass(frozen=True)
class Sharing:
    """How much of a test set also occurs in the support pool.

    Counts are of test utterances. `speakers_known` is False if either side has an utterance without
    a speaker; the count may then be too low.
    """

    num_test: int
    num_shared_speaker: int
    num_shared_text: int
    speakers_known: bool

    @property
    def shared_speaker(self) -> float:
        """Fraction of the test utterances whose speaker also speaks in the pool."""
        return self.num_shared_speaker / self.num_test if self.num_test else 0.0

    @property
    def shared_text(self) -> float:
        """Fraction of the test utterances whose normalised text also occurs in the pool."""
        return self.num_shared_text / self.num_test if self.num_test else 0.0


def check_disjoint(
    support_pool: Sequence[Utterance],
    test: Sequence[Utterance],
    required: frozenset[Shareable],
) -> Sharing:
    """How much of `test` also occurs in `support_pool`; nothing in `required` may be shared.

    An utterance in both, by uid or by audio, is never allowed. Raises DataError, which names a uid
    on each side and the setting that would allow it, if there is one.
    """
    for what, key in (("uid", _uid), ("audio", _audio)):
        if pairs := _shared(support_pool, test, key):
            a, b = pairs[0]
            raise DataError(
                f"test utterance {b.uid} has the same {what} as {a.uid} of the support pool"
            )
    shared = {
        "speaker": _shared(support_pool, test, _speaker),
        "text": _shared(support_pool, test, _text),
    }
    for what in ("speaker", "text"):
        if what in required and shared[what]:
            a, b = shared[what][0]
            rest = ", ".join(sorted(required - {what}))
            raise DataError(
                f"{len(shared[what])} of {len(test)} test utterances share their {what} with the "
                f"support pool, first {b.uid} with {a.uid}.\n"
                f"If this corpus cannot avoid it, write `disjoint: [{rest}]` under `data`."
            )
    return Sharing(
        num_test=len(test),
        num_shared_speaker=len(shared["speaker"]),
        num_shared_text=len(shared["text"]),
        speakers_known=all(utterance.speaker is not None for utterance in (*support_pool, *test)),
    )


def check_apart(
    languages: Sequence[Sequence[Utterance]], others: Sequence[Sequence[Utterance]]
) -> None:
    """Raises DataError if languages of different roles share a recording.

    A recording is identified by the digest of its samples. The error names a uid on each side.
    """
    owners = {u.audio_digest: u for language in languages for u in language}
    for language in others:
        if shared := [u for u in language if u.audio_digest in owners]:
            other, first = shared[0], owners[shared[0].audio_digest]
            raise DataError(
                f"{other.uid} and {first.uid} are one recording: {len(shared)} of {len(language)}"
                f" recordings of {other.language} are in languages of another role too.\n"
                "Does one config hold several languages? Each needs a config or a folder to itself:"
                f" `configs: {{{first.language}: NAME, {other.language}: NAME}}`."
            )


def _shared(
    pool: Sequence[Utterance], test: Sequence[Utterance], key: Callable[[Utterance], Hashable]
) -> list[tuple[Utterance, Utterance]]:
    """Each test utterance whose key also occurs in the pool, after the first such one of the
    pool."""
    first: dict[Hashable, Utterance] = {}
    for utterance in pool:
        first.setdefault(key(utterance), utterance)
    keyed = ((key(utterance), utterance) for utterance in test)
    return [(first[k], utterance) for k, utterance in keyed if k is not None and k in first]


def _uid(utterance: Utterance) -> Hashable:
    return utterance.uid


def _audio(utterance: Utterance) -> Hashable:
    return utterance.audio_digest


def _speaker(utterance: Utterance) -> Hashable:
    return utterance.speaker


def _text(utterance: Utterance) -> Hashable:
    return normalise(utterance.text, utterance.language)
