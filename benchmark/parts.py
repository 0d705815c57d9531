"""Parts of the work of a stage, timed where a profile is wanted.

A part is named where it is done, in the few places that all learners share. Without a profile that
costs nothing. With one, a GPU is waited for at the ends of each part, so that its work counts where
it was asked for; all together then takes longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Literal

import torch
from torch import Tensor

Part = Literal["data", "forward", "loss", "backward", "optimizer", "replay"]
"""Steps that a GPU replays from a captured graph are a part of their own: forward, loss, backward
and perhaps the optimizer."""

_profile: Profile | None = None
"""That of the stages which this process is performing."""


class Profile:
    """Seconds by part, each without the parts inside of it, and frames with and without padding."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.frames = self.real_frames = 0
        self._inside: list[str] = []
        self._began = self._since = perf_counter()

    def enter(self, part: str) -> None:
        """Begin a part."""
        self._book()
        self._inside.append(part)

    def leave(self) -> None:
        """End the part that began last."""
        self._book()
        self._inside.pop()

    def facts(self, stages: int) -> dict[str, Any]:
        """What the record of each of so many stages says, which have shared the work."""
        self._book()
        total = self._since - self._began
        seconds = {part: spent / stages for part, spent in self.seconds.items()}
        seconds["host"] = (total - sum(self.seconds.values())) / stages
        return {"seconds": seconds, "frames": self.frames, "real_frames": self.real_frames}

    def _book(self) -> None:
        cuda: Any = torch.cuda
        if cuda.is_initialized() and not cuda.is_current_stream_capturing():
            cuda.synchronize()
        now = perf_counter()
        if self._inside:
            self.seconds[self._inside[-1]] += now - self._since
        self._since = now


@contextmanager
def profile() -> Iterator[Profile]:
    """Within this context parts are timed."""
    global _profile
    _profile = Profile()
    try:
        yield _profile
    finally:
        _profile = None


@contextmanager
def part(name: Part) -> Iterator[None]:
    """What is done within this context is this part of the work."""
    current = _profile
    if current is None:
        yield
        return
    current.enter(name)
    try:
        yield
    finally:
        current.leave()


def note_padding(features: Tensor, lengths: Tensor) -> None:
    """Count the frames of a batch of features (N, T, F) with these lengths (N,)."""
    if _profile is not None:
        _profile.frames += lengths.numel() * features.shape[1]
        _profile.real_frames += int(lengths.sum())
