"""Whether and how fast everything learns on a GPU, in minutes, as one table.

    python performance/gpu.py [--device cuda|cpu] [--tiny] [--seconds N] [--only PART ...]

tests    the tests that need a GPU
stacks   weights learnt in a stack against those of the same learners alone
times    a training step of networks of several sizes: one at a time with kernels launched one by
         one, then in stacks and with captured steps; learn2learn beside, if it is installed
suite    the default suite from an empty cache, speech prepared before, and the use of the GPU
methods  the same of `suites/methods.yaml`

What does not fit into the seconds is left out and said. All numbers are written as JSON as well.
`--tiny --device cpu` goes through all of it in a minute, with numbers that mean nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from gpu_steps import difference, learn2learn_seconds, operations, settings, timed
from rich.console import Console

from benchmark.measure.nvml import Handle, handle_of
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC

ROOT = Path(__file__).parents[1]
COMPARED = ("joint", "fomaml", "maml", "reptile", "protonet", "lora")
"""Methods whose stacks are compared with single learners; the tests have all."""

TINY = """\
name: tiny
data: {source: {name: synthetic, train: 12, test: 4}, train: [de, es], test: [nl], shots: [4]}
models: [{name: conv_ctc, channels: 8, blocks: 1}]
methods: [scratch, {name: fomaml, support: 2, query: 2, tasks: 1}]
optimizers: [sgd]
compressions: [none]
seeds: [0, 1]
budget: {meta_train: 32, adapt: 8}
timing: {runs: 11, warmup: 1, seconds: 0.2, batch: 2}
"""


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured, its value before and now, and what is asked for."""

    part: str
    what: str
    before: str
    now: str
    asked: str = ""


class Proof:
    """The parts, and the rows that they have found."""

    def __init__(self, device: str, tiny: bool, seconds: float) -> None:
        self.device = device
        self.tiny = tiny
        self.end = time.monotonic() + seconds
        self.rows: list[Row] = []

    @property
    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()

    def note(self, part: str, what: str, before: str, now: str, asked: str = "") -> None:
        """Add a row and print it."""
        self.rows.append(Row(part, what, before, now, asked))
        print(f"{part:8} {what:58} {before:>22} {now:>34}  {asked}", flush=True)

    def attempt(self, part: str, what: str, measure: Callable[[], None], needs: float) -> None:
        """Measure, unless there are fewer than `needs` seconds left; an error makes a row."""
        if self.left < needs and not self.tiny:
            self.note(part, what, "", f"left out: {self.left:.0f} s left")
            return
        try:
            measure()
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[0]
            self.note(part, what, "", f"{type(error).__name__}: {reason}"[:160])

    def tests(self) -> None:
        """The tests that need a GPU; on a CPU one test of a file, to see that it can be run."""
        what = ["-m", "gpu", "-n", "8"]
        if self.device == "cpu":
            what = ["tests/execute/test_precision.py"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *what]

        def run() -> None:
            began, limit = time.monotonic(), max(30.0, min(120.0, self.left))
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
            )
            lines = done.stdout.strip().splitlines()
            for line in lines:
                if line.startswith(("FAILED", "ERROR")):
                    print(line)
            print(f"tests: {time.monotonic() - began:.0f} s")
            self.note("tests", "pytest", "", f"{lines[-1][:80]}")

        self.attempt("tests", "pytest", run, needs=30)

    def stacks(self) -> None:
        """Stacks against single learners."""
        models: dict[str, Any] = {"conv": ConvCTC(channels=16, blocks=1, kernel=3)}
        if not self.tiny:
            models["conformer"] = ConformerCTC(dim=16, blocks=1, heads=2, ff=16, kernel=3)
        methods = COMPARED[:2] if self.tiny else COMPARED
        for kind, model in models.items():
            for name in methods:
                what = f"{name}, {kind}: stack of 3 and alone"

                def run(what: str = what, name: str = name, model: Any = model) -> None:
                    found = difference(name, model, self.device)
                    self.note("stacks", what, "", f"{found:.1e} relative", "1e-5")

                self.attempt("stacks", what, run, needs=10)

    def times(self) -> None:
        """Steps one at a time and launched one by one, then stacked and captured."""
        small, large = 64, 16
        if self.tiny:
            small = large = 2
        found = settings(self.device, self.tiny)
        names = list(found)
        asked = {"step": ("0.25 ms", "0.7 ms"), False: ("1.2 ms", "3.2 ms")}
        asked_second = ("8 ms", "25 ms")
        for i, name in enumerate(names[:2]):
            what = f"network-step, {name}, stack of {small}"
            self._pair(what, found[name].tune, small, asked["step"][i])
        for i, name in enumerate(names[:2]):
            for second in (False, True):
                order = "second" if second else "first"
                what = f"meta-task, {order} order, {name}, stack of {large}"
                target = (asked_second if second else asked[False])[i]
                self._pair(what, partial(found[name].meta_learn, second), large, target)
                self._learn2learn(found[name], second, f"learn2learn, {order} order, {name}")
        for name, target in zip(names[2:], ("30 ms", "45 ms"), strict=False):
            self._large(name, found[name], target)

    def _pair(self, what: str, run: Callable[..., object], size: int, asked: str) -> None:
        def measure() -> None:
            steps = 2 if self.tiny else 10
            before = timed(run, 1, steps // 2, self.device, capture=False)
            one = timed(run, 1, steps, self.device, capture=True)
            now = timed(run, size, steps, self.device, capture=True)
            shown = f"{now * 1e3:.2f} ms (captured alone {one * 1e3:.2f})"
            self.note("times", what, f"{before * 1e3:.1f} ms", shown, asked)

        self.attempt("times", what, measure, needs=15)

    def _learn2learn(self, setting: Any, second: bool, what: str) -> None:
        def measure() -> None:
            seconds = learn2learn_seconds(setting, second, 3)
            if seconds is not None:
                self.note("times", what, "", f"{seconds * 1e3:.1f} ms")

        self.attempt("times", what, measure, needs=10)

    def _large(self, name: str, setting: Any, asked: str) -> None:
        def measure() -> None:
            steps = 2 if self.tiny else 8
            count = operations(setting)
            before = timed(setting.tune, 1, steps // 2, self.device, capture=False)
            now = timed(setting.tune, 1, steps, self.device, capture=True)
            audio = setting.utterances * setting.frames / 100
            rates = f"{audio / now:,.0f} audio-s/s, {count / now / 1e12:.0f} TFLOP/s"
            shown = f"{now * 1e3:.1f} ms, {rates}"
            self.note("times", f"step, {name}", f"{before * 1e3:.1f} ms", shown, asked)

        self.attempt("times", f"step, {name}", measure, needs=20)

    def suite(self) -> None:
        """The default suite."""
        self._suite("suite", "multilingual", asked="60 s")

    def methods(self) -> None:
        """The suite of all methods."""
        self._suite("methods", "methods", asked="240 s")

    def _suite(self, part: str, name: str, asked: str) -> None:
        def measure() -> None:
            with tempfile.TemporaryDirectory() as folder:
                path = ROOT / "suites" / f"{name}.yaml"
                if self.tiny:
                    path = Path(folder) / "tiny.yaml"
                    path.write_text(TINY)
                run_suite(self, part, path, Path(folder), asked)

        self.attempt(part, f"{name}.yaml", measure, needs=45)


def run_suite(proof: Proof, part: str, path: Path, folder: Path, asked: str) -> None:
    """Run a suite in a fresh cache and results folder until it ends or time is up."""
    os.environ["BENCHMARK_CACHE"] = str(folder / "cache")
    began = time.monotonic()
    total = prepare(path, folder, proof.device)
    print(
        f"{part}: {total} stages; speech prepared in {time.monotonic() - began:.0f} s", flush=True
    )
    command = [sys.executable, "-m", "benchmark", "run", str(path), "--device", proof.device]
    command += ["--results", str(folder / "results"), "--no-report"]
    began, used, handle = time.monotonic(), [], gpu_handle(proof.device)
    limit = max(60.0, proof.left - 10)
    with (folder / "log").open("w") as log:
        run = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        while run.poll() is None and time.monotonic() - began < limit:
            time.sleep(0.1)
            if handle:
                rates = handle.nvml.nvmlDeviceGetUtilizationRates(handle.gpu)
                used.append(rates.gpu)
        seconds, ended = time.monotonic() - began, run.poll() is not None
        if not ended:
            run.terminate()
            with suppress(subprocess.TimeoutExpired):
                run.wait(20)
            run.kill()
    print("\n".join((folder / "log").read_text().strip().splitlines()[-12:]), flush=True)
    [results] = (folder / "results").iterdir()
    stages = [each for each in (results / "stages").iterdir() if not each.name.startswith(".")]
    cells = ""
    if (results / "records.parquet").exists():
        counts = pd.read_parquet(results / "records.parquet")["status"].value_counts()
        cells = ", ".join(f"{count} {status}" for status, count in counts.items())
    state = f"{seconds:.0f} s" if ended else f"unfinished after {seconds:.0f} s"
    proof.note(
        part, f"{path.name}: {len(stages)} of {total} stages", "", f"{state}; {cells}", asked
    )
    busy = [i for i, rate in enumerate(used) if rate]
    if busy:
        learning = used[busy[0] : busy[-1] + 1]
        share = f"{sum(learning) / len(learning):.0f} %, whole run {sum(used) / len(used):.0f} %"
        proof.note(part, "utilisation from the first to the last use of the GPU", "", share, "70 %")


def prepare(path: Path, folder: Path, device: str) -> int:
    """Prepare the speech of a suite; returns the number of its stages."""
    from benchmark.execute.workers import Workers
    from benchmark.session.options import Options
    from benchmark.session.preparing import prepare_languages
    from benchmark.session.session import Session
    from benchmark.store.stages import StageStore
    from benchmark.suite.load import load
    from benchmark.suite.matrix import matrix, selections

    suite = load(path, [])
    jobs = len(os.sched_getaffinity(0))
    store = StageStore(folder / "results" / suite.name / "stages")
    options = Options(folder / "results", device, jobs)
    cells = matrix(suite, selections([]))
    with Workers(jobs) as workers:
        session = Session(suite, store, options, workers, Console(file=sys.stderr))
        prepare_languages(session, cells)
        return len(session.plan(cells).plan.graph.stages)


def gpu_handle(device: str) -> Handle | None:
    """What tells how busy the GPU is, if anything does."""
    if device != "cuda":
        return None
    try:
        return handle_of(device)
    except (ImportError, RuntimeError) as error:
        print(f"NVML: {error}")
        return None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts and write what they found."""
    parts = ("tests", "stacks", "times", "suite", "methods")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="small sizes, to try the script")
    parser.add_argument("--seconds", type=float, default=300, help="for all parts; default: 300")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART")
    parser.add_argument("--json", type=Path, default=Path("gpu.json"), help="default: gpu.json")
    options = parser.parse_args(arguments)
    device = torch.cuda.get_device_name() if options.device == "cuda" else "CPU"
    print(f"{device}, torch {torch.__version__}", flush=True)
    proof = Proof(options.device, options.tiny, options.seconds)
    for part in options.only:
        getattr(proof, part)()
    found = {"device": device, "torch": torch.__version__}
    rows = [asdict(row) for row in proof.rows]
    options.json.write_text(json.dumps({**found, "rows": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
