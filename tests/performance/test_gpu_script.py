"""What proves learning on a GPU goes through all its parts on a CPU."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "performance"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suite_text: str) -> ModuleType:
    monkeypatch.syspath_prepend(SCRIPTS)
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "unused"))
    import gpu  # type: ignore[import-not-found]

    monkeypatch.setattr(gpu, "TINY", suite_text)
    found: ModuleType = gpu
    return found


@pytest.mark.parametrize("parts", [["stacks", "times"], ["suite"]])
def test_every_part_finds_its_numbers(script: ModuleType, tmp_path: Path, parts: list[str]) -> None:
    file = tmp_path / "found.json"
    script.main(["--device", "cpu", "--tiny", "--json", str(file), "--only", *parts])
    rows = json.loads(file.read_text())["rows"]
    assert {row["part"] for row in rows} == set(parts)
    assert not [row for row in rows if "Error" in row["now"] or "unfinished" in row["now"]]
    for row in rows:
        if row["part"] == "stacks":
            assert float(row["now"].partition(" ")[0]) < 1e-5
        if row["part"] == "times":
            assert math.isfinite(float(row["now"].partition(" ")[0]))
