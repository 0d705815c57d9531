"""The browser draws the Pareto front of the filtered combinations by the rule of the report."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from benchmark.board.front import pareto_front

FRONT = Path(__file__).parents[2] / "benchmark/publish/templates/front.js"
NODE = shutil.which("node")
READ = "JSON.parse(require('fs').readFileSync(0, 'utf8'))"
SCRIPT = f"{{front}}; console.log(JSON.stringify({READ}.map(paretoFront)))"


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_front_of_the_site_is_that_of_the_report() -> None:
    rng = np.random.default_rng(0)
    clouds = [
        # Sizes that differ by a few bytes, error rates with ties, and latencies below 1 ms.
        list(zip(base * rng.uniform(1, high, 60), rng.integers(20, 90, 60) / 100, strict=True))
        for base in (0.2, 5.0, 1_600_000.0)
        for high in (1.005, 1.1, 40.0)
    ]
    points = [[{"x": x, "y": y, "at": i} for i, (x, y) in enumerate(cloud)] for cloud in clouds]
    drawn = subprocess.run(
        [str(NODE), "-e", SCRIPT.format(front=FRONT.read_text())],
        input=json.dumps(points),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    fronts = [[point["at"] for point in front] for front in json.loads(drawn)]
    assert fronts == [pareto_front(cloud) for cloud in clouds]
    assert any(len(front) > 3 for front in fronts)
