"""Peak memory of a part of the process, as far as the system can tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.measure import memory
from benchmark.measure.memory import PeakMemory

MIB = 2**20

linux = pytest.mark.skipif(not memory.CLEAR.exists(), reason="the peak is reset on Linux alone")


@linux
def test_what_was_held_for_a_moment_is_in_the_peak() -> None:
    with PeakMemory("cpu") as peak:
        np.ones(64 * MIB, dtype=np.uint8).sum()
    assert peak.num_bytes is not None
    assert 60 * MIB < peak.num_bytes < 90 * MIB


@linux
def test_what_came_before_is_not() -> None:
    held = np.ones(64 * MIB, dtype=np.uint8)
    np.ones(64 * MIB, dtype=np.uint8).sum()
    with PeakMemory("cpu") as peak:
        held.sum()
    assert peak.num_bytes is not None
    assert peak.num_bytes < 20 * MIB


def test_a_system_that_resets_no_peak_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CLEAR", Path("/proc/self/absent/clear_refs"))
    with PeakMemory("cpu") as peak:
        np.ones(MIB, dtype=np.uint8).sum()
    assert peak.num_bytes is None


def test_measuring_draws_no_random_number() -> None:
    memory._warm_up.cache_clear()
    torch.manual_seed(0)
    before = torch.get_rng_state()
    with PeakMemory("cpu"):
        pass
    assert torch.equal(torch.get_rng_state(), before)
