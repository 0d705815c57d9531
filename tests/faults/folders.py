"""Mutated results folders, and what lies beside them, through every command that reads them.

Right is a run that ends as it should, or a message that is short, names the file or cell, and holds
nothing that a terminal obeys; nothing may be written outside of the place that was asked for.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
from folder_mutations import mutate
from folder_sample import write_sample
from tally import Tally

from benchmark.cli import main

LONGEST = 1500
LINES = 4
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
NAMED = re.compile(r"\w+\.(json|parquet|onnx)|cell|stage|results|not reproducible here")
DRAWN = 10
"""Of so many reports one has figures, which take most of the time."""

FILES = {
    "results/r/records.parquet": 6,
    "results/r/utterances.parquet": 3,
    "results/r/provenance.json": 3,
    "results/r/trials.parquet": 1,
    "baseline/baseline.parquet": 2,
    "site/leaderboard.json": 2,
    "site/leaderboard.parquet": 1,
    "stage.json": 1,
    "model/runtime.json": 1,
    "model/features.json": 1,
    "model/tokenizer.json": 1,
    "model/model.onnx": 1,
}
"""What is mutated, and how often in comparison."""


def run(count: int, seed: int) -> Tally:
    tally = Tally("folders")
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _quiet():
            sample = write_sample(Path(scratch) / "sample")
        cell = str(pd.read_parquet(sample / "results/r/records.parquet")["cell"].iloc[0])
        for number in range(count):
            rng = random.Random(f"{seed} {number}")
            _try(number, rng, sample, Path(scratch) / "tried", cell, tally)
    return tally


def _try(
    number: int, rng: random.Random, sample: Path, place: Path, cell: str, tally: Tally
) -> None:
    shutil.copytree(sample, place)
    name = rng.choices(list(FILES), list(FILES.values()))[0]
    path = (
        next(place.glob("results/r/stages/*/stage.json")) if name == "stage.json" else place / name
    )
    how = mutate(path, rng)
    answers = set()
    for arguments in _commands(name, place, sample, cell):
        drawn = contextlib.nullcontext() if number % DRAWN == 0 else _undrawn()
        with drawn:
            code, wrong = _answer(arguments, place)
        if wrong:
            what = f"{number}: {how} of {name}, {arguments[0]}: {wrong}"
            tally.wrong.append(what)
            break
        answers.add(code)
    else:
        outside = {p.name for p in place.parent.iterdir()} - {"sample", "tried"}
        if outside:
            tally.wrong.append(f"{number}: {how} of {name}: wrote {sorted(outside)}")
        else:
            tally.right["refused" if answers - {0, 1, 4} else "run"] += 1
    shutil.rmtree(place)


def _commands(name: str, place: Path, sample: Path, cell: str) -> Iterator[list[str]]:
    """The commands that read a file."""
    results, whole = str(place / "results/r"), str(sample / "results/r")
    if name.startswith("model/"):
        yield ["transcribe", str(place / "model"), str(place / "speech.wav")]
    elif name.startswith("site/"):
        yield ["reproduce", cell, "--from", str(place / name)]
    elif name.startswith("baseline/"):
        yield ["check", "--baseline", str(place / "baseline"), "--candidate", whole]
        yield ["compare", str(place / "baseline"), whole]
    elif name.endswith("trials.parquet"):
        yield ["report", results, "--reports", str(place / "reports")]
    elif name == "stage.json":
        yield ["export", cell, "--from", results, "--to", str(place / "exported")]
        yield ["check", "--baseline", results, "--candidate", whole, "--remeasure"]
        yield ["plan", str(place / "suite.yaml"), "--results", str(place / "results")]
    else:
        yield ["report", results, "--reports", str(place / "reports")]
        yield ["publish", results, "--to", str(place / "published")]
        yield ["compare", results, whole, "--json", "--markdown", str(place / "compare.md")]
        yield ["check", "--baseline", whole, "--candidate", results, "--junit"]
        yield ["advise", results, "--max-latency", "1s"]
        yield ["export", cell, "--from", results, "--to", str(place / "exported")]
        yield ["reproduce", cell, "--from", results]


def _answer(arguments: list[str], place: Path) -> tuple[int, str]:
    """The exit code, and what is wrong with the answer; empty where nothing is."""
    with _quiet() as (said, error):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException as fault:
            frames = traceback.extract_tb(fault.__traceback__)
            at = [
                f"{Path(f.filename).name}:{f.lineno}" for f in frames if "benchmark" in f.filename
            ]
            return 70, f"{type(fault).__name__} {str(fault)[:200]!r} at {' '.join(at[-3:])}"
    message, told = error.getvalue(), said.getvalue()
    if code not in (0, 1, 2, 3, 4):
        return code, f"exit code {code}: {message[:300]!r}"
    if control := CONTROL.search(message + told):
        return code, f"it prints {control.group()!r}"
    if len(message) > LONGEST or message.count("\n") > LINES:
        return (
            code,
            f"{len(message)} characters in {message.count(chr(10))} lines: {message[:200]!r}",
        )
    if code in (2, 3) and not NAMED.search(message + told):
        return code, f"no file is named: {message!r}"
    return code, ""


@contextlib.contextmanager
def _quiet() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    said, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(error):
        yield said, error


@contextlib.contextmanager
def _undrawn() -> Iterator[None]:
    """Reports without figures."""

    def nothing(*_: Any) -> list[Any]:
        return []

    with (
        patch("benchmark.report.render.draw", nothing),
        patch("benchmark.report.render.draw_spread", nothing),
    ):
        yield
