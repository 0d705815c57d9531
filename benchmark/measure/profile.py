"""The profile of a run: what the time of its stages went to, and how busy the GPU was."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean
from types import TracebackType

from benchmark.measure.nvml import Handle, handle_of
from benchmark.store.stages import StageRecord

SAMPLE_SECONDS = 0.2


@dataclass
class KindProfile:
    """Seconds by part of all stages of a kind, and their frames."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    frames: int = 0
    real_frames: int = 0
    stages: int = 0

    @property
    def total(self) -> float:
        """Seconds of all parts."""
        return sum(self.seconds.values())

    def __str__(self) -> str:
        ranked = sorted(self.seconds.items(), key=lambda each: -each[1])
        shares = ", ".join(f"{part} {spent / self.total:.0%}" for part, spent in ranked)
        padding = "" if self.padding is None else f"; padding {self.padding:.0%} of frames"
        return f"{self.stages} stages, {self.total:.1f} s: {shares}{padding}"

    @property
    def padding(self) -> float | None:
        """The share of frames that are padding, None where nothing was padded."""
        return 1 - self.real_frames / self.frames if self.frames else None


def profiles(records: Iterable[StageRecord]) -> dict[str, KindProfile]:
    """Profiles by kind of those stages that were run with one."""
    kinds: dict[str, KindProfile] = defaultdict(KindProfile)
    for record in records:
        if facts := record.facts.get("profile"):
            kind = kinds[record.kind]
            for part, seconds in facts["seconds"].items():
                kind.seconds[part] += seconds
            kind.frames += facts["frames"]
            kind.real_frames += facts["real_frames"]
            kind.stages += 1
    return dict(kinds)


class Utilisation:
    """A context manager that samples how busy a GPU is; afterwards `share` is the mean, 0 to 1.

    It is None where NVML is not there or cannot tell, and `reason` says why.
    """

    share: float | None = None
    reason = "no GPU"

    def __init__(self, device: str) -> None:
        self._samples: list[float] = []
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if device != "cpu":
            try:
                handle = handle_of(device)
            except (ImportError, RuntimeError) as error:
                self.reason = f"NVML: {error}"
            else:
                self._thread = threading.Thread(target=self._sample, args=[handle], daemon=True)

    def __enter__(self) -> Utilisation:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
        if self._samples:
            self.share = fmean(self._samples)

    def _sample(self, handle: Handle) -> None:
        nvml, gpu = handle
        while not self._ended.wait(SAMPLE_SECONDS):
            try:
                self._samples.append(nvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100)
            except nvml.NVMLError as error:
                self.reason = f"NVML: {error}"
                return
