"""Real human speech goes through the whole main job: a folder, its transcripts, Opus audio."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main

pytestmark = pytest.mark.usefixtures("timing_at_once")

REAL_SPEECH = (Path(__file__).parents[2] / "../shared/data/real_speech").resolve()

SUITE = f"""\
name: real
data:
  source: {REAL_SPEECH}
  train: [fa]
  test: [ml, zh]
  shots: [30]
  disjoint: {{ml: [speaker], zh: [text]}}
  limits: {{train: 60, test: 20, validation: 1}}
models: [{{name: conv_ctc, channels: 32, blocks: 1}}]
methods: [scratch, joint]
optimizers: [adamw]
compressions: [int8]
seeds: [0]
budget: {{meta_train: 64, adapt: 32}}
timing: {{seconds: 0.5}}
"""


@pytest.mark.skipif(not REAL_SPEECH.is_dir(), reason="the real speech data is not here")
def test_real_speech_runs_to_a_report(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(SUITE)
    places = ["--results", str(tmp_path / "results"), "--reports", str(tmp_path / "reports")]
    assert main([str(tmp_path / "real.yaml"), "--jobs", "1", "--device", "cpu", *places]) == 0
    table = pd.read_parquet(tmp_path / "results/real/records.parquet")
    assert dict(zip(table["language"], table["metric"], strict=True)) == {"ml": "wer", "zh": "cer"}
    assert set(table["status"]) == {"ok"}
    assert not table["synthetic"].any()
    shared = table.set_index("language")["shared_speakers"]
    assert (shared["zh"] == 1).all(), "the Mandarin corpus has one speaker, and the report says so"
    assert (shared["ml"] == 0).all()
    page = (tmp_path / "reports/real/index.html").read_text()
    assert "Malayalam" in page


@pytest.mark.skipif(not REAL_SPEECH.is_dir(), reason="the real speech data is not here")
def test_shared_speakers_are_refused_unless_the_suite_allows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "real.yaml").write_text(SUITE.replace("zh: [text]", "zh: [speaker]"))
    assert main([str(tmp_path / "real.yaml"), "--jobs", "1", "--results", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "zh/test/" in error
    assert "disjoint" in error
