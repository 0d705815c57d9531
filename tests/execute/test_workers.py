"""Workers outlive nobody, and blame no stage for that."""

import multiprocessing
import sys
from types import SimpleNamespace

import pytest

from benchmark.execute import workers
from benchmark.execute.job import Job
from benchmark.store.stages import StageStore


def test_a_stage_whose_run_was_killed_is_not_stored_as_failed(tmp_path, monkeypatch):
    stage = SimpleNamespace(run=lambda context: context.progress(1, 2))
    monkeypatch.setitem(sys.modules, "benchmark.execute.stages.slow", stage)
    monkeypatch.setattr(workers.signal, "signal", lambda *_: None)
    run, worker = multiprocessing.Pipe()
    run.send([Job("slow", "0123456789", {}, tmp_path, {}, "cpu")])
    run.close()
    with pytest.raises(SystemExit):
        workers.serve(worker, {})
    assert StageStore(tmp_path).get("0123456789") is None
