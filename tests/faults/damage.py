"""Files of ours that are damaged after a run: found, said, made again, and the results unchanged.

One finished suite is damaged over and over, one file at a time, and run again in this process; what
it mends must be what it was.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import random
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
from tally import Tally

sys.path.append(str(Path(__file__).parents[1]))
from quick_timing import time_at_once

from benchmark.cli import main
from benchmark.data.corpora.synthetic import Synthetic
from benchmark.results.columns import VARYING
from benchmark.store import integrity
from benchmark.store.drafts import discard

SUITE = """\
name: damage
data:
  source: {source}
  train: [de]
  validation: [cs]
  test: [nl]
  shots: [6]
models: [{{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}}]
methods: [joint]
optimizers: [adamw]
compressions: [none, int8, prune50@before]
seeds: [0]
budget: {{meta_train: 16, adapt: 8}}
curve: [0, 1]
tune: {{trials: 2, draws: 1}}
timing: {{runs: 11, warmup: 1, seconds: 0.2, batch: 2}}
"""
VALIDATION = "cs"
SPOKEN = Synthetic(train=12, validation=1, test=6)


def flip(path: Path, chance: random.Random) -> None:
    """Turn over one bit."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def truncate(path: Path, chance: random.Random) -> None:
    """Cut off the end."""
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(1, len(data))])


def empty(path: Path, chance: random.Random) -> None:
    """Leave nothing in it."""
    path.write_bytes(b"")


def remove(path: Path, chance: random.Random) -> None:
    """Take it away."""
    path.unlink()


HARMS: dict[str, Callable[[Path, random.Random], None]] = {
    "flip": flip,
    "truncation": truncate,
    "emptying": empty,
    "removal": remove,
}
USED = (
    *("weights.safetensors", "artefact.safetensors", "hypotheses.parquet", "utterances.parquet"),
    *("manifest.parquet", "audio.i16", "stage.json"),
)
"""Files that something is made from; a flip that leaves size and time is found only then."""


class World:
    """A folder with a corpus, a cache and the results of a suite that has run to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suite = folder / "damage.yaml"
        self.results = folder / "results/damage"
        self.cache = folder / "cache"
        self.said = ""

    def build(self) -> None:
        """Let a corpus be spoken, and run the suite over it."""
        with self.surroundings():
            for language in ("de", "cs", "nl"):
                list(SPOKEN.read(language))
                (made,) = (self.cache / "synthetic").glob(f"{language}-*")
                shutil.copytree(made / language, self.folder / "corpus" / language)
        self.suite.write_text(SUITE.format(source=self.folder / "corpus"), encoding="utf-8")
        if self.run() != 0:
            raise RuntimeError(f"the suite did not run:\n{self.said}")

    @contextlib.contextmanager
    def surroundings(self) -> Iterator[None]:
        """As in a process of its own: its cache, what it says, nothing hashed yet."""
        heard = io.StringIO()
        handler = logging.StreamHandler(heard)
        logging.getLogger("benchmark").addHandler(handler)
        integrity._hashed.clear()
        try:
            with (
                mock.patch.dict(os.environ, BENCHMARK_CACHE=str(self.cache)),
                mock.patch("benchmark.execute.timing.time_artefacts", time_at_once),
                contextlib.redirect_stdout(heard),
                contextlib.redirect_stderr(heard),
            ):
                yield
        finally:
            logging.getLogger("benchmark").removeHandler(handler)
            self.said = heard.getvalue()

    def run(self) -> int:
        places = ["--results", str(self.folder / "results"), "--no-report"]
        with self.surroundings():
            return main([str(self.suite), "--jobs", "1", "--device", "cpu", *places])

    def files(self) -> dict[str, list[Path]]:
        """Every file that may be damaged, by its kind."""
        found: dict[str, list[Path]] = defaultdict(list)
        for record in sorted((self.results / "stages").glob("[!.]*/stage.json")):
            kind = json.loads(record.read_text(encoding="utf-8"))["kind"]
            for path in sorted(record.parent.iterdir()):
                if path.is_file():  # snapshots are a folder, which goes once they are transcribed
                    found[f"{kind}/{path.name}"].append(path)
        for path in sorted((self.cache / "prepared").glob("[!.]*/*")):
            found[f"prepare/{path.name}"].append(path)
        for path in sorted((self.cache / "synthetic").glob("[!.]*/**/*")):
            if path.is_file():
                found["synthetic"].append(path)
        found["digests"] = sorted((self.cache / "digests").glob("[!.]*"))
        for path in sorted(self.results.glob("[!.]*")):
            if path.is_file():
                found[path.name].append(path)
        return found

    def outcome(self) -> dict[str, Any]:
        """What must not change: rows, hypotheses, trials, and the digest of every stage's weights.

        Rows without their times, as text, so that absent values are equal.
        """
        records = pd.read_parquet(self.results / "records.parquet").drop(columns=list(VARYING))
        tables = [pd.read_parquet(self.results / f"{n}.parquet") for n in ("utterances", "trials")]
        contents = {
            path.parent.name: json.loads(path.read_text(encoding="utf-8"))["content"]
            for path in (self.results / "stages").glob("[!.]*/stage.json")
        }
        return {"rows": [table.to_csv() for table in (records, *tables)], "contents": contents}

    def spoken(self) -> list[object]:
        """The utterances of the synthetic corpus."""
        with self.surroundings():
            return [utterance for name in ("de", "cs", "nl") for utterance in SPOKEN.read(name)]

    def forget_what_rests_on(self, kind: str, key: str) -> None:
        """Delete the stages that were made from a stage, and the records, which rest on all."""
        stages = self.results / "stages"
        texts = {
            path.parent.name: path.read_text(encoding="utf-8", errors="replace")
            for path in stages.glob("[!.]*/stage.json")
        }
        new = {key}
        if kind.startswith("prepare/"):
            new = {k for k, text in texts.items() if '"kind": "meta_train"' in text}
            new |= {k for k, text in texts.items() if '"kind": "adapt"' in text}
        gone = set(new)
        while new:
            new = {k for k, text in texts.items() if any(n in text for n in new)} - gone
            gone |= new
        for name in gone - {key}:
            discard(stages / name)
        (self.results / "records.parquet").unlink()


def _of_trial(path: Path) -> bool:
    """Whether a file holds the scored utterances of a tuning trial, which nothing is made from."""
    if path.name != "utterances.parquet" or path.parent.parent.name != "stages":
        return False
    record = json.loads((path.parent / "stage.json").read_text(encoding="utf-8"))
    return bool(record["identity"]["language"] == VALIDATION)


def run(count: int, seed: int) -> Tally:
    """Damage `count` files one by one; every kind of file comes before any comes twice."""
    tally, chance = Tally("damage"), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as copies:
        world, pristine = World(Path(folder)), Path(copies) / "pristine"
        world.build()
        untouched, spoken = world.outcome(), world.spoken()
        shutil.copytree(folder, pristine)
        waiting: list[str] = []
        for _ in range(count):
            files = world.files()
            waiting = waiting or chance.sample(sorted(files), len(files))
            kind = waiting.pop()
            path = chance.choice(files[kind])
            harm = chance.choice(sorted(HARMS))
            used = kind.partition("/")[2] in USED and not _of_trial(path)
            quiet = harm == "flip" and used and chance.random() < 0.5
            wrong = _one(world, kind, path, harm, quiet, chance)
            if not wrong and world.outcome() != untouched:
                wrong = "the results are others"
            if not wrong and kind == "synthetic" and world.spoken() != spoken:
                wrong = "the corpus is another"
            if wrong:
                tally.wrong.append(f"{harm} of {kind}: {wrong}\n{world.said}")
                for part in ("cache", "results"):
                    discard(Path(folder) / part)
                    shutil.copytree(pristine / part, Path(folder) / part)
            else:
                tally.right[f"{harm}{' that left the time' if quiet else ''} mended"] += 1
    return tally


def _one(
    world: World, kind: str, path: Path, harm: str, quiet: bool, chance: random.Random
) -> str | None:
    """Damage one file and run again; what was wrong with that, None where nothing was."""
    stat = path.stat()
    HARMS[harm](path, chance)
    if quiet:
        # Nothing but its content tells, and so it is found when somebody uses it.
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        world.forget_what_rests_on(kind, path.parent.name)
    if kind == "synthetic":
        try:
            world.spoken()
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:200]}"
    elif code := world.run():
        return f"exit code {code}"
    if "Traceback" in world.said:
        return "a traceback"
    named = [line for line in world.said.splitlines() if path.name in line]
    nothing_to_say = kind == "digests" and harm == "removal"
    if len(named) != (not nothing_to_say):
        return f"{len(named)} lines name {path.name}"
    return None if path.exists() else f"{path.name} was not made again"
