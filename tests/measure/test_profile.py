"""What a profile says the time of stages went to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import torch

from benchmark import parts
from benchmark.measure.profile import profiles
from benchmark.parts import note_padding, part, profile
from benchmark.store.stages import StageRecord


@pytest.fixture(autouse=True)
def seconds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that goes on by a second each time it is looked at."""
    clock = count()
    monkeypatch.setattr(parts, "perf_counter", lambda: float(next(clock)))
    yield


def test_a_part_does_not_count_the_parts_inside_of_it() -> None:
    with profile() as found:
        with part("loss"), part("forward"):
            pass
        with part("loss"):
            pass
    facts = found.facts(1)
    assert facts["seconds"] == {"loss": 3.0, "forward": 1.0, "host": 3.0}


def test_stages_of_a_stack_share_the_time() -> None:
    with profile() as found, part("data"):
        pass
    records = [StageRecord("adapt", str(i), {}, facts={"profile": found.facts(2)}) for i in "ab"]
    assert profiles(records)["adapt"].seconds["data"] == 1.0


def test_padding_is_the_share_of_frames_beyond_the_utterances() -> None:
    with profile() as found:
        note_padding(torch.zeros(2, 10, 4), torch.tensor([10, 5]))
    (kind,) = profiles([StageRecord("adapt", "a", {}, facts={"profile": found.facts(1)})]).values()
    assert kind.padding == 0.25
    assert "padding 25% of frames" in str(kind)


def test_without_a_profile_nothing_is_timed() -> None:
    with part("data"):
        note_padding(torch.zeros(1, 1, 1), torch.tensor([1]))
    assert not profiles([StageRecord("adapt", "a", {})])
