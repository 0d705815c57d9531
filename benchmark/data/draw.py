"""What is drawn of the speech of a language, before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.data.perturb import Change, Masks


@dataclass(frozen=True)
class Draw:
    """N utterances of a `SpeechSet`, and all that chance does to them.

    places       of the utterances in the set
    num_samples  of their recordings
    changes      of their waveforms
    masks        of their features, if there are any
    """

    places: list[int]
    num_samples: list[int]
    changes: list[Change]
    masks: Masks | None

    def __len__(self) -> int:
        return len(self.places)
