"""Mutated suites: each loads and plans, or is refused in one line that says where and what."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from types import FrameType

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the library is imported

import pyarrow as pa
import pyarrow.parquet as pq
from suite_mutations import MUTATIONS, Spoilt
from suite_words import MODULES
from tally import Tally

from benchmark.errors import UserError
from benchmark.plan.planner import make_plan
from benchmark.plan.speech import Speech
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix, selections

SECONDS = 10
"""Of processor time, after which an input counts as one that hangs."""

LENGTH = 1000
CELLS = 24
"""Cells of a suite that are planned; those of one suite differ in nothing that a mutation does."""

FOLDER = dedent("""\
    name: folder
    data:
      source: ./speech
      train: [aa]
      test: [bb]
      shots: [2]
      columns: {id: id, text: text, speaker: speaker, audio: audio}
      configs: {aa: aa, bb: bb}
      disjoint: {bb: [speaker]}
      limits: {min_seconds: 0.2}
    models: [conv_ctc]
    methods: [joint]
    optimizers: [adamw]
    compressions: [none]
    seeds: [0]
    budget: {meta_train: 64, adapt: 16}
    """)

TINY = dedent("""\
    name: tiny
    data:
      source: synthetic
      train: [de, en]
      validation: [cs]
      test: [nl, nb]
      shots: [8, 10min]
      limits: {max_seconds: 12.5, test: 20}
    models: [{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}]
    methods: [scratch, joint, {name: fomaml, support: 4, query: 4, tasks: 2}]
    optimizers: [sgd, {name: adamw, lr: [1e-3, 2.0e-3]}]
    compressions: [none, int8, {chain: [{name: prune50}, int8]}, int4@during]
    seeds: [0, 1]
    outer: adamw
    budget: {meta_train: 64, adapt: 16}
    timing: {runs: 11, warmup: 1, seconds: 0.2, batch: 2}
    augmentation: {noise_snr_db: 10, time_masks: 1}
    check: {relative: 0.1}
    tune: {trials: 2, space: {sgd: {lr: [0.1, 0.2]}}}
    exclude:
    - {method: scratch, compression: [int8], reason: "that is enough"}
    curve: [0, 1]
    """)


def run(count: int, seed: int) -> Tally:
    """Try `count` mutations of the suites that come with the benchmark, and of a tiny one."""
    tally = Tally("suites")
    shipped = [path.read_text() for path in sorted(_SUITES.glob("*.yaml"))]
    bases = shipped + [TINY, FOLDER] * (len(shipped) // 2)
    with tempfile.TemporaryDirectory() as place, _cache(Path(place) / "cache"):
        folder = Path(place)
        for name, code in MODULES.items():
            (folder / f"{name}.py").write_text(code)
        _write_speech(folder / "speech")
        sys.path.insert(0, place)
        for number in range(count):
            dice = random.Random(f"{seed} {number}")
            mutation = dice.choice(MUTATIONS)
            spoilt = mutation(dice.choice(bases), dice, folder)
            answer, fault = _try(spoilt, folder / "suite.yaml")
            if fault:
                tally.wrong.append(f"{number} {mutation.__name__}: {fault}")
            else:
                tally.right[answer] += 1
        sys.path.remove(place)
    return tally


def _write_speech(folder: Path) -> None:
    """Two languages in Hub layout; planning looks at their files and hears nothing."""
    for language in ("aa", "bb"):
        (folder / language).mkdir(parents=True)
        for split in ("train", "test"):
            row = {
                "id": split,
                "text": "a b",
                "speaker": split,
                "audio": {"bytes": b"", "path": "a"},
            }
            table = pa.Table.from_pylist([row])
            pq.write_table(table, folder / language / f"{split}.parquet")
    (folder / "README.md").write_text(
        "---\nconfigs:\n"
        + "".join(
            f"- config_name: {language}\n  data_files:\n"
            f"  - {{split: train, path: {language}/train.parquet}}\n"
            f"  - {{split: test, path: {language}/test.parquet}}\n"
            for language in ("aa", "bb")
        )
        + "---\n"
    )


_SUITES = Path(__file__).parents[2] / "suites"


def _try(spoilt: Spoilt, path: Path) -> tuple[str, str]:
    """What came of it, and what is wrong with that answer."""
    path.write_bytes(spoilt.content)
    path = spoilt.path or path
    try:
        with _limit():
            suite = load(path, spoilt.assignments)
            cells = matrix(suite, selections(spoilt.only))
            few = replace(cells, cells=cells.cells[:CELLS])
            make_plan(suite, few, Speech.of(suite.data, tuning=few.awaits_tuning), "cpu")
        return "valid", ""
    except UserError as error:
        message = str(error)
        given = bool(spoilt.assignments or spoilt.only)
        unread = spoilt.path is not None or "larger than" in message
        located = re.match(rf"{re.escape(str(path))}:\d+: ", message) or given or unread
        if not located and "no cell is left" not in message:
            return "", f"no place: {message[:200]}"
        if len(message) > LENGTH + len(str(path)) or not message.isprintable():
            return "", f"not one short line: {message[:200]!r}"
        return "refused", ""
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return "", f"{type(error).__name__} at {place}: {str(error)[:200]}"


class _HangError(BaseException):
    """An input took too long."""


@contextmanager
def _limit() -> Iterator[None]:
    def expire(number: int, frame: FrameType | None) -> None:
        raise _HangError

    previous = signal.signal(signal.SIGVTALRM, expire)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


@contextmanager
def _cache(folder: Path) -> Iterator[None]:
    before = os.environ.get("BENCHMARK_CACHE")
    os.environ["BENCHMARK_CACHE"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["BENCHMARK_CACHE"]
        else:
            os.environ["BENCHMARK_CACHE"] = before
