"""Compressions that need speech or an order, through the whole job."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main

pytestmark = pytest.mark.usefixtures("timing_at_once")

CHAINS = """\
compressions:
  - none
  - {name: int4, rounding: gptq, granularity: group, symmetric: false}
  - {name: prune50, score: gradient}
  - prune50+kmeans16+huffman
  - huffman+prune50
  - kmeans4+prune99
"""


def test_each_chain_is_shipped_or_says_why_not(tmp_path: Path, suite_text: str) -> None:
    text = suite_text.replace("compressions: [none, int8]\n", CHAINS)
    text = text.replace("channels: 16", "channels: 64").replace("[sgd, adamw]", "[adamw]")
    (tmp_path / "tiny.yaml").write_text(text)
    places = ["--results", str(tmp_path / "results"), "--reports", str(tmp_path / "reports")]
    options = ["--device", "cpu", "--no-report", "--jobs", "1", "--only", "method=joint"]
    assert main([str(tmp_path / "tiny.yaml"), *options, *places]) == 0
    folder = tmp_path / "results/tiny"
    table = pd.read_parquet(folder / "records.parquet").set_index("compression")
    assert list(table["status"]) == ["ok"] * 4 + ["unsupported"] * 2
    assert "write prune50+huffman" in table["error"]["huffman+prune50"]
    assert "no zero among their values; prune before" in table["error"]["kmeans4+prune99"]
    done = table[table["status"] == "ok"]
    tensors = done["size_bytes"] - done["header_bytes"]
    assert list(tensors.index[tensors.argsort()]) == [
        "prune50+kmeans16+huffman",
        "int4(rounding=gptq,granularity=group,symmetric=false)",
        "prune50(score=gradient)",
        "none",
    ]
    stages = [json.loads(path.read_text()) for path in folder.glob("stages/*/stage.json")]
    chains = [s["facts"]["changes"] for s in stages if "changes" in s.get("facts", {})]
    assert all(c["tensors"] or c["values"] for chain in chains if len(chain) > 1 for c in chain)
