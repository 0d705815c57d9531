"""A runtime that is not installed costs its own cells alone, and they say what to install."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main

pytestmark = pytest.mark.usefixtures("timing_at_once")


def test_cells_of_a_runtime_that_is_not_installed_name_its_extra(
    tmp_path: Path, suite_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = tmp_path / "tiny.yaml"
    suite.write_text(suite_text + "runtimes: [torch, onnxruntime, openvino]\n")
    monkeypatch.setattr(
        "benchmark.extras.find_spec",
        lambda name: None if name in ("onnxruntime", "openvino") else find_spec(name),
    )
    only = ["--only", "method=scratch", "--only", "optimizer=sgd", "--only", "compression=int8"]
    places = ["--results", str(tmp_path / "results"), "--no-report", "--jobs", "1"]
    assert main([str(suite), "--device", "cpu", *only, *places]) == 0
    table = pd.read_parquet(tmp_path / "results/tiny/records.parquet").set_index("runtime")
    assert table["status"].to_dict() == {
        "torch": "ok",
        "onnxruntime": "unsupported",
        "openvino": "unsupported",
    }
    assert table.loc["onnxruntime", "error"] == ("onnxruntime not installed; pip install '.[onnx]'")
    assert table.loc["openvino", "error"] == (
        "onnxruntime, openvino not installed; pip install '.[openvino]'"
    )
