"""Timings come from a process of their own, with every number that they rest on."""

import io
import json
import os
import subprocess
import sys
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmark.measure import latency, timing_process
from benchmark.measure.hardware import fingerprint
from benchmark.measure.latency import time_artefacts
from benchmark.measure.stopwatch import Steps
from benchmark.measure.timing_process import warm_up
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.statistics.loads import ratio_over_loads
from benchmark.suite.timing import Timing

QUICK = Timing(runs=11, warmup=1, seconds=(0.2, 0.4), batch=2)


@pytest.fixture(scope="module")
def timings(make_artefact):
    """The headers of an uncompressed artefact and its int8 twin, and their timings."""
    (none, a), (int8, b) = make_artefact("none"), make_artefact("int8")
    headers = json.loads(json.dumps([a.header.to_json(), b.header.to_json()]))
    return time_artefacts(none, [int8], QUICK, headers=headers)


def test_a_timing_holds_its_runs_its_protocol_and_summaries_of_them(timings):
    reference, timed = timings
    assert [reference.artefact.stem, timed.artefact.stem] == ["none", "int8"]
    assert [latency.seconds for latency in timed.latencies] == [0.2, 0.4]
    first = timed.latency
    # Four times as many where the machine was too noisy at first.
    assert len(first.runs_ms) in (11, 44)
    assert len(first.runs_ms) == timed.protocol["runs"]
    assert first.p50_ms == pytest.approx(np.percentile(first.runs_ms, 50))
    assert first.p50_interval.low <= first.p50_ms <= first.p50_interval.high
    assert first.rtfx == pytest.approx(0.2 / (first.p50_ms / 1000))
    rounds = np.divide(first.runs_ms, reference.latency.runs_ms)
    assert first.ratio == pytest.approx(ratio_over_loads(rounds, timed.protocol["loads"])[0])
    assert first.ratio_interval.low <= first.ratio <= first.ratio_interval.high
    assert (reference.latency.ratio, reference.latency.ratio_interval) == (1, (1, 1))
    assert timed.noise.low < timed.noise.high
    assert json.loads(json.dumps(timed.protocol))["machine"] == fingerprint()


def test_percentiles_are_shown_as_far_as_the_runs_reach(timings):
    first = timings[1].latency
    assert first.percentile_ms(0.5) == first.p50_ms <= first.bound_ms(0.5) <= max(first.runs_ms)
    assert first.percentile_ms(0.9) is None
    assert first.bound_ms(0.9) is None


def test_costs_beside_the_latency_are_told_apart(timings):
    reference, timed = timings
    cost = timed.cost
    assert cost.load_ms > 0
    assert cost.first_call_ms > 0
    steps = [cost.features_ms, cost.network_ms, cost.decode_ms]
    assert min(steps) > 0
    assert max(steps) < max(timed.latency.runs_ms)
    assert (cost.throughput_batch, timed.protocol["throughput_batch"]) == (2, 2)
    assert cost.throughput_rtfx > 0
    assert cost.peak_memory_bytes > reference.artefact.stat().st_size
    assert (cost.energy_joules is None) == (timed.protocol["energy"] != "measured")


def test_int8_codes_save_no_work_in_a_runtime_that_decodes_them(timings):
    reference, timed = timings
    assert timed.cost.flops == reference.cost.flops > 0
    assert timed.cost.bytes_moved == reference.cost.bytes_moved > reference.artefact.stat().st_size
    assert timed.cost.roofline_share > 0


def test_threads_are_bound_and_recorded(timings):
    protocol = timings[0].protocol
    assert protocol["threads"] == 1
    if hasattr(os, "sched_setaffinity"):
        assert len(protocol["processors"]) == 1


def test_too_few_runs_for_a_median_are_refused():
    with pytest.raises(ValueError, match="10 runs"):
        Timing(runs=10)


def test_an_invalid_timing_is_repeated_once_with_more_loads_and_says_so(monkeypatch, tmp_path):
    """Each attempt answers with runs of a reference and of its duplicate."""
    asked = []

    def answered(module, request):
        if module == "fresh_process":
            one = [[1.0]] * len(request["artefacts"])
            sizes = [1] * len(one)
            return {"load_ms": one, "first_call_ms": one, "peak_memory_bytes": sizes, "work": None}
        asked.append((request["seed"], request["runs"], request["loads"]))
        duplicate = 2.0 if len(asked) < attempts else 1.0
        runs = [[[scale, 0, 0]] * 64 for scale in (1.0, duplicate)]
        roof = {"flops_per_second": 1.0, "bytes_per_second": 1.0}
        rest = {"batched": None, "energy": "", "roof": roof, "conditions": {}}
        return {"lengths": [runs], **rest}

    monkeypatch.setattr(latency, "_measure", answered)
    settings = Timing(runs=64, seconds=(0.2,))
    attempts = 2
    [repaired] = time_artefacts(tmp_path / "a", [], settings)
    assert (repaired.invalid, repaired.protocol["attempts"], asked) == (
        None,
        2,
        [(0, 64, 5), (1, 256, 20)],
    )
    asked.clear()
    attempts = 9
    [spoilt] = time_artefacts(tmp_path / "a", [], settings)
    assert (len(asked), "differs from its own duplicate" in spoilt.invalid) == (2, True)
    assert spoilt.cost.throughput_batch == 1


def test_files_are_loaded_anew_in_random_order_and_the_first_is_never_timed(
    monkeypatch, capsys, make_artefact
):
    """ONNX Runtime runs what it loads first more slowly; the rest depends on where it lies."""
    loaded, timed = [], []

    class Spy(TorchRecogniser):
        def run(self, batch):
            timed.append(self.name)
            return super().run(batch)

    def load(path, device):
        recogniser = Spy.load(path)
        recogniser.name = (len(loaded), path.stem)
        loaded.append(recogniser.name)
        return recogniser

    artefacts = [make_artefact(name)[0] for name in ("none", "int8", "int4", "none")]
    request = {**asdict(QUICK), "artefacts": list(map(str, artefacts)), "device": "cpu"}
    request |= {"seed": 0, "loads": 6, "trusted": {}}
    monkeypatch.setattr(timing_process, "runtime_of", lambda _: SimpleNamespace(load=load))
    monkeypatch.setattr(timing_process, "pin_threads", lambda _: None)
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(request)))
    timing_process.main()
    found = json.loads(capsys.readouterr().out)
    assert [[len(arm) for arm in length] for length in found["lengths"]] == [[11] * 4, [18] * 4]
    assert [len(arm) for arm in found["batched"]] == [18] * 4
    first, *rest = loaded
    assert first not in timed
    assert set(rest) == set(timed)
    orders = [[stem for _, stem in rest[i : i + 4]] for i in range(0, len(rest), 4)]
    assert len(orders) == 6
    assert all(sorted(order) == ["int4", "int8", "none", "none"] for order in orders)
    assert len(set(map(tuple, orders))) > 1


@pytest.mark.parametrize(
    ("times", "calls"),
    [
        ([9, 9, 5, 5, 5, 5, 5, 5], 6),
        ([5, 5, 5, 5], 4),
        ([9, 9, 8, 8, 7, 7, 6, 6, 5, 5], 8),
    ],
)
def test_warming_up_ends_when_times_are_stable_or_after_four_windows(times, calls):
    left = iter(times)
    assert warm_up(lambda: Steps(0, next(left), 0), window=2) == calls


def test_a_failure_in_the_measuring_process_is_reported(tmp_path):
    with pytest.raises(RuntimeError, match="no such artefact"):
        time_artefacts(tmp_path / "missing", [], QUICK)


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
    [timed] = time_artefacts(path, [], Timing(seconds=(0.5,)), device="cuda")
    assert 0 < timed.cost.network_ms < timed.latency.p50_ms
    assert timed.cost.peak_memory_bytes > 0
    assert len(timed.protocol["clocks"]) == 2
    assert timed.protocol["machine"]["gpu"] == torch.cuda.get_device_name()
