"""Equal seconds end to end: paces measured in a process of their own, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.store.stages import StageRecord, StageStore

pytestmark = pytest.mark.usefixtures("timing_at_once")

SLOW = dedent("""\
    from dataclasses import dataclass
    from time import process_time

    from benchmark.methods.joint import Joint


    @dataclass(frozen=True)
    class Slow(Joint):
        \"\"\"Joint training that computes for nothing after every step.\"\"\"

        train_batch: int = 4

        def meta_train(self, training):
            report = training.progress

            def idle(spent, total):
                until = process_time() + 0.1
                while process_time() < until:
                    pass
                report(spent, total)

            training.progress = idle
            super().meta_train(training)
    """)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("pacing")
    (folder / "tiny.yaml").write_text(suite_text)
    (folder / "slow_method.py").write_text(SLOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        assert run(folder) == 0
        yield folder


def run(folder: Path) -> int:
    return main(
        [
            *(str(folder / "tiny.yaml"), "--device", "cpu", "--no-report", "--jobs", "1"),
            *("--results", str(folder / "results"), "--reports", str(folder / "reports")),
            *("--set", "budget={meta_train: 64, adapt: 16, equal: seconds}"),
            *("--set", "methods=[joint, 'slow_method:Slow']", "--set", "optimizers=[adamw]"),
            *("--set", "compressions=[none]"),
        ]
    )


def stages(folder: Path) -> dict[str, StageRecord]:
    return {record.key: record for record in StageStore(folder / "results/tiny/stages").records()}


def test_a_method_that_costs_more_gets_fewer_gradients_in_proportion(folder: Path) -> None:
    table = pd.read_parquet(folder / "results/tiny/records.parquet").set_index("method")
    assert set(table["status"]) == {"ok"}
    paces = [r for r in stages(folder).values() if r.kind == "pace"]
    (learning,) = (r for r in paces if r.identity["phase"] == "meta_train")
    ratio = learning.facts["ratio"]
    assert ratio > 1.5
    assert len(learning.facts["ratios"]) == learning.identity["rounds"]
    assert table.loc["joint", "meta_train_gradients"] == 64
    assert table.loc["slow_method:Slow", "meta_train_gradients"] == round(64 / ratio)


def test_once_measured_the_same_comes_out_again(folder: Path) -> None:
    before = stages(folder)
    store = StageStore(folder / "results/tiny/stages")
    for record in before.values():
        if record.kind in ("meta_train", "adapt", "compress", "evaluate", "score"):
            store.remove(record.key)
    assert run(folder) == 0
    after = stages(folder)
    assert after.keys() == before.keys()
    assert all(after[key].content == before[key].content for key in before)
    assert all(after[k].created == before[k].created for k in before if before[k].kind == "pace")
