"""Latency is judged from interleaved runs of the two stored artefacts alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated_runs import results
from scipy import stats

from benchmark.cli import main
from benchmark.errors import Exit
from benchmark.evidence import latency
from benchmark.evidence.verdict import Verdict
from benchmark.measure.timing import Cost, Latency, TimedArtefact
from benchmark.statistics.bootstrap import Interval
from benchmark.suite.timing import Timing


def timed(ratio: float, low: float, high: float, noise: float = 0.02) -> TimedArtefact:
    """A timing whose ratio and its 95 % interval are set; low and high lie alike from it."""
    step = (high - low) / 2 * np.sqrt(5) / stats.t.ppf(0.975, 4)
    rounds = np.repeat(ratio + step * np.array([-1, -1, 0, 1, 1]), 26)
    first = Latency(3.0, tuple(rounds), (1.0,) * len(rounds), loads=5)
    assert first.ratio_interval == pytest.approx((low, high))
    cost = Cost(1.0, 1.0, 1.0, 1.0, 1.0, 8, 9.0, 1)
    return TimedArtefact(Path("x"), (first,), Interval(1 - noise, 1 + noise), cost, {})


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (timed(1.00, 0.98, 1.02), Verdict.PASS),
        (timed(1.30, 1.25, 1.35), Verdict.REGRESSED),
        (timed(1.30, 1.25, 1.35, noise=0.04), Verdict.REGRESSED),
        (timed(1.30, 1.25, 1.35, noise=0.4), Verdict.INCONCLUSIVE),
        (timed(1.05, 1.02, 1.08), Verdict.PASS),
        (timed(1.05, 0.90, 1.20), Verdict.INCONCLUSIVE),
        (timed(0.70, 0.65, 0.75), Verdict.IMPROVED),
    ],
)
def test_verdict_needs_a_ratio_beyond_tolerance_and_noise(
    measured: TimedArtefact, verdict: Verdict
) -> None:
    assert latency.judge_latency(measured, 0.1).verdict is verdict


def test_an_invalid_timing_is_no_verdict() -> None:
    spoilt = replace(timed(1.3, 1.25, 1.35), noise=Interval(1.02, 1.06))
    judgement = latency.judge_latency(spoilt, 0.1)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "differs from its own duplicate" in judgement.reason


def with_artefacts(folder: Path, methods: Sequence[str]) -> Path:
    made = results(folder, dict.fromkeys(methods, 0.3))
    for method in methods:
        stage = made / "stages" / f"quality-{method}-nl-0"
        stage.mkdir(parents=True)
        identity = {"artefact": f"file-{method}"}
        record = {"kind": "evaluate", "key": stage.name, "identity": identity}
        (stage / "stage.json").write_text(json.dumps(record))
        compressed = made / "stages" / f"file-{method}"
        compressed.mkdir()
        (compressed / "artefact.safetensors").touch()
        record = {"kind": "compress", "key": compressed.name, "identity": {}}
        (compressed / "stage.json").write_text(json.dumps(record))
    return made


def test_remeasure_times_the_two_files_of_a_structure_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a = with_artefacts(tmp_path / "a", ["joint", "maml"])
    b = with_artefacts(tmp_path / "b", ["joint", "maml"])
    calls = []

    def fake(
        reference: Path, artefacts: Sequence[Path], settings: Timing, runtime: object
    ) -> list[Any]:
        calls.append((reference, *artefacts))
        return [None, timed(1.5, 1.4, 1.6)]

    monkeypatch.setattr(latency, "time_artefacts", fake)
    arguments = ["check", "--baseline", str(a), "--candidate", str(b), "--remeasure"]
    assert main(arguments) == Exit.REGRESSION
    name = Path("stages/file-joint/artefact.safetensors")
    assert calls == [(a / name, b / name)]
    assert "latency 1.50 x the baseline's" in capsys.readouterr().out


def test_a_baseline_file_holds_no_artefact_to_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = with_artefacts(tmp_path / "a", ["maml"])
    saved = tmp_path / "baseline.parquet"
    main(["check", "--candidate", str(a), "--save-baseline", str(saved)])
    arguments = ["check", "--baseline", str(saved), "--candidate", str(a), "--remeasure"]
    assert main(arguments) == Exit.INCOMPLETE
    assert "lacks the artefact" in capsys.readouterr().out
