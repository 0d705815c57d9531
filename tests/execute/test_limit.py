"""A stage ends at its limit of seconds, even where Python swallows what the alarm raises."""

import sys
import time
from types import SimpleNamespace

import pytest

from benchmark.execute.job import Job, perform


class Deaf:
    """Whatever is raised while it is deleted is printed and ignored."""

    def __del__(self):
        time.sleep(0.2)


def ends_soon(context):
    Deaf()
    return {}


def never_ends(context):
    Deaf()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.01)
    return {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("run", [ends_soon, never_ends])
def test_an_alarm_that_was_swallowed_still_stops_the_stage(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "benchmark.execute.stages.slow", SimpleNamespace(run=run))
    job = Job("slow", "0123456789", {}, tmp_path, {}, "cpu", limit_seconds=0.05)
    record = perform(job, lambda done, total: None)
    assert (record.status, record.error) == ("timeout", "stopped after 0.05 s (stage_seconds)")
