"""How long `plan` takes, and `run` on a suite that is finished, by number of cells.

    python performance/planning.py
    python performance/planning.py --cells 1200 --finished 0

Each command runs in a process of its own over tiny synthetic languages, which are prepared first so
that keys are real. The finished results folder is made up: its stages were never run, but hold what
stages hold. Prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmark.execute.job import Job, perform
from benchmark.execute.stages import UTTERANCES
from benchmark.plan.planner import make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.results.columns import facts
from benchmark.store.stages import StageRecord, StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix

TRAIN, TEST = ["de", "en"], ["nl", "pt", "tr", "it", "pl"]
METHODS = ["scratch", "joint", "maml", "fomaml", "reptile", "anil", "boil", "meta_sgd"]
OPTIMIZERS = ["sgd", "adamw"]
COMPRESSIONS = ["none", "int8", "prune50+int8"]
CELLS = (1_200, 10_080, 100_000)
"""Rounded up to whole seeds."""

TEST_UTTERANCES = 8
"""Of the test set of each language."""

SPENT = {"gradients_spent": 6000, "flops": 1, "peak_memory_bytes": 1}

OTHERS: dict[str, dict[str, Any]] = {
    "meta_train": SPENT,
    "adapt": {**SPENT, "steps": 125},
    "time": {
        **dict.fromkeys(("noise_low", "noise_high"), 1.0),
        "latency_by_length": [],
        "protocol": {"seconds": [3.0]},
        "timing_invalid": None,
    },
}
"""What stages find out that no column holds as it is."""

VALUES = {"Int64": TEST_UTTERANCES, "float64": 0.5, "boolean": True, "string": ""}
"""What stands in columns of a type."""


def made_up_facts(kind: str) -> dict[str, Any]:
    """What a made-up stage has found out."""
    columns = {column.name: VALUES[column.dtype] for column in facts(kind)}
    return {**columns, **OTHERS.get(kind, {})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, nargs="*", default=CELLS, help="sizes of suites")
    parser.add_argument("--finished", type=int, default=10_000, help="cells of a finished suite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        prepare(suite_file(folder, 1))
        for size in options.cells:
            path = suite_file(folder, size)
            measure(f"plan of {size:,} cells", ["plan", str(path), *places(folder)])
        if options.finished:
            path = suite_file(folder, options.finished)
            finish(path, folder)
            run = ["run", str(path), *places(folder), "--no-report", "--jobs", "1"]
            measure(f"tables of {options.finished:,} finished cells", run)
            measure(f"run of {options.finished:,} finished cells", run)


def places(folder: Path) -> list[str]:
    return ["--results", str(folder / "results"), "--device", "cpu"]


def suite_file(folder: Path, cells: int) -> Path:
    """A suite of so many cells or a few more: all members above, and as many seeds as it takes."""
    each = len(TEST) * len(METHODS) * len(OPTIMIZERS) * len(COMPRESSIONS)
    name = f"cells-{cells}"
    suite = {
        "name": name,
        "data": {
            "source": {"name": "synthetic", "train": 24, "validation": 1, "test": TEST_UTTERANCES},
            "train": TRAIN,
            "test": TEST,
            "shots": [10],
        },
        "models": ["conv_ctc"],
        "methods": METHODS,
        "optimizers": OPTIMIZERS,
        "compressions": COMPRESSIONS,
        "seeds": list(range(-(-cells // each))),
        "budget": {"meta_train": 6000, "adapt": 1000},
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(suite))
    return path


def prepare(path: Path) -> None:
    """Prepare the languages of a suite."""
    store = prepared_store()
    for language in Speech.of(load(path).data).languages.values():
        if language.stage and not language.prepared:
            stage = language.stage
            job = Job(stage.kind, stage.key, stage.identity, store.folder, {}, "cpu")
            record = perform(job, lambda done, total: None)
            if record.status != "ok":
                sys.exit(f"{language.name} cannot be prepared: {record.error}")


def finish(path: Path, folder: Path) -> None:
    """Put every stage of a suite there, as if it had run."""
    suite = load(path)
    plan = make_plan(suite, matrix(suite), Speech.of(suite.data), "cpu")
    store = StageStore(folder / "results" / suite.name / "stages")
    for stage in plan.graph.stages.values():
        if stage.kind != "prepare":
            with store.writing(stage.key) as draft:
                if stage.kind == "score":
                    (draft / UTTERANCES).write_bytes(utterances())
                else:
                    (draft / "made_up").write_bytes(b"weights")
                found = made_up_facts(stage.kind)
                store.put(draft, StageRecord(stage.kind, stage.key, stage.identity, facts=found))


@cache
def utterances() -> bytes:
    """The file that a `score` stage leaves."""
    table = pd.DataFrame(
        {
            "uid": [f"test/{n}" for n in range(TEST_UTTERANCES)],
            "language": "nl",
            "speaker": "one",
            "reference": "drie en twintig",
            "hypothesis": "drie twintig",
            "duration": 2.0,
            **dict.fromkeys(("n_words", "n_characters"), 3),
            **dict.fromkeys(("n_errors", "n_character_errors"), 1),
            "edits": "=d=",
        }
    )
    return table.to_parquet(index=False)


def measure(title: str, arguments: list[str]) -> None:
    """Print what a command takes; end this program where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmark", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{title} failed:\n{output}")
    seconds = time.perf_counter() - began
    processor = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss / 1024
    print(f"{title}: {seconds:.1f} s ({processor:.1f} s of processor time), {memory:.0f} MiB")


if __name__ == "__main__":
    main()
