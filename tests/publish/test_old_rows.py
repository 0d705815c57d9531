"""A cell's page says what an older row does not hold, and never `undefined`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = Path(__file__).parents[2] / "benchmark/publish/templates"
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize(
    "row",
    [
        {},
        {"runtime": "torch", "method": "joint", "shots": "20", "seed": 0, "metric": "cer"},
        {"error_rate": 1.0, "wer": 1.0, "wer_low": 1.0, "latency_p50_ms": 4.25},
        {"tuned": {"trials": 3}, "status": "failed", "error": "no memory left"},
    ],
)
def test_what_a_row_lacks_is_said(row: dict[str, Any]) -> None:
    row = {"cell": "c", "language": "nl"} | row
    command = [str(NODE), str(Path(__file__).with_name("dom.js")), str(TEMPLATES), json.dumps(row)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert not re.search(r"undefined|null|NaN|\[object", text)
    assert "not recorded" in text
    if "runtime" in row:
        assert "runtime torch" in " ".join(text.split())
