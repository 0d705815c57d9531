"""Timings come from a process of their own, with every number that they rest on."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmark.measure.hardware import fingerprint
from benchmark.measure.latency import Timing, time_artefacts


def test_a_timing_holds_its_runs_its_protocol_and_summaries_of_them(make_artefact):
    (none, _), (int8, _) = make_artefact("none"), make_artefact("int8")
    reference, timed = time_artefacts(none, [int8], Timing(warmup=1, seconds=0.2))
    assert [reference.artefact, timed.artefact] == [none, int8]
    assert len(timed.latencies_ms) == 130
    assert timed.p50_ms == pytest.approx(np.percentile(timed.latencies_ms, 50))
    assert timed.p95_ms == pytest.approx(np.percentile(timed.latencies_ms, 95))
    assert timed.rtfx == pytest.approx(0.2 / (timed.p50_ms / 1000))
    rounds = np.divide(timed.latencies_ms, reference.latencies_ms)
    assert timed.ratio == pytest.approx(np.median(rounds))
    assert timed.ratio_interval.low <= timed.ratio <= timed.ratio_interval.high
    assert (reference.ratio, reference.ratio_interval) == (1, (1, 1))
    assert timed.noise.low < timed.noise.high
    assert timed.peak_memory_bytes > none.stat().st_size
    assert json.loads(json.dumps(timed.protocol))["machine"] == fingerprint()


def test_too_few_runs_for_a_95th_percentile_are_refused():
    with pytest.raises(ValueError, match="129 runs"):
        Timing(runs=129)


def test_a_failure_in_the_measuring_process_is_reported(tmp_path):
    with pytest.raises(RuntimeError, match="no such artefact"):
        time_artefacts(tmp_path / "missing", [], Timing())


def test_asking_for_timings_and_hardware_imports_no_torch():
    script = (
        "import sys, benchmark.measure.latency, benchmark.measure.hardware as hardware\n"
        "hardware.fingerprint(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_fingerprint_names_the_machine_and_is_json():
    found = fingerprint()
    assert found == json.loads(json.dumps(found)) == fingerprint()
    assert found["torch"] == torch.__version__.split("+")[0]
    assert found["cores"] >= 1
    assert found["memory_gib"] >= 1


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_is_timed_and_named(make_artefact):
    path, _ = make_artefact("none")
    [timed] = time_artefacts(path, [], Timing(seconds=0.5), device="cuda")
    assert timed.p50_ms > 0
    assert timed.protocol["machine"]["gpu"] == torch.cuda.get_device_name()
