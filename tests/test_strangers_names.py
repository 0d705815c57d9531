"""Results, rows and artefacts come from strangers: no name in them is imported."""

from __future__ import annotations

import ast
import contextlib
import copy
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import benchmark
from benchmark.cli import main
from benchmark.compression.storage.artefact import load_artefact, save_artefact
from benchmark.errors import UserError
from benchmark.export.cell import finished_cell
from benchmark.publish.site import _describe
from benchmark.registry import METHODS
from benchmark.reproduce.find import find_cell
from benchmark.reproduce.rebuild import rebuild
from benchmark.store.stages import StageStore

pytestmark = pytest.mark.usefixtures("timing_at_once")

SUITE = """\
name: tiny
data: {{source: {corpus}, train: [aa, bb], test: [cc], shots: [8]}}
models: [{{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}}]
methods: [{{name: fomaml, support: 4, query: 4, tasks: 2, inner_optimizer: sgd}}]
optimizers: [sgd]
compressions: [prune50+int8]
seeds: [0]
budget: {{meta_train: 64, adapt: 16}}
timing: {{runs: 11, warmup: 1, seconds: 0.2, batch: 2}}
"""
PACKAGE = Path(benchmark.__file__).parent


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_corpus: Path) -> Path:
    """Results of one cell, the site published of them, and its suite."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.yaml").write_text(SUITE.format(corpus=tiny_corpus))
    places = ["--results", str(folder / "results"), "--jobs", "1", "--device", "cpu"]
    assert main([str(folder / "tiny.yaml"), "--no-report", *places]) == 0
    assert main(["publish", str(folder / "results/tiny"), "--to", str(folder / "site")]) == 0
    return folder


class Trap:
    """A module on the path whose import leaves a file behind."""

    def __init__(self, folder: Path) -> None:
        self.module = f"evil_{folder.name}".replace("-", "_")
        self.name = f"{self.module}:X"
        self.sprung = folder / "sprung"
        code = f"open({str(self.sprung)!r}, 'w').close()\nX = type('X', (), {{}})\n"
        (folder / f"{self.module}.py").write_text(code)

    def check(self, what: object) -> None:
        assert not self.sprung.exists(), f"imported by {what}"
        assert self.module not in sys.modules, f"imported by {what}"


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    monkeypatch.syspath_prepend(tmp_path)
    return Trap(tmp_path)


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "copied")
    return tmp_path / "copied"


def spoilt(data: Any, name: str) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Copies of JSON data, each with another string in it replaced by a name, and its place."""

    def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, str):
            yield place
        elif isinstance(value, dict | list):
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                yield from places(item, (*place, key))

    for place in places(data):
        other = copy.deepcopy(data)
        inner = other
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = name
        yield place, other


def everywhere(data: Any, name: str) -> Any:
    """JSON data with a name in place of every name of a member."""
    if isinstance(data, dict):
        members = ("name", "inner_optimizer", "runtime")
        return {k: name if k in members else everywhere(v, name) for k, v in data.items()}
    return [everywhere(v, name) for v in data] if isinstance(data, list) else data


def records(folder: Path) -> Path:
    return folder / "results/tiny/records.parquet"


def rewrite(path: Path, column: str, value: Any) -> None:
    table = pd.read_parquet(path)
    table[column] = [value] * len(table)
    table.to_parquet(path, index=False)


def test_no_setting_of_a_row_is_imported_when_its_cell_is_rebuilt(copied: Path, trap: Trap) -> None:
    published = find_cell(pd.read_parquet(records(copied))["cell"][0], records(copied))
    tried = 0
    for place, params in spoilt(published.params, trap.name):
        with contextlib.suppress(Exception):
            rebuild(replace(published, params=params), None)
        trap.check(place)
        tried += 1
    assert tried > 20


def test_no_string_of_a_published_board_is_imported(copied: Path, trap: Trap) -> None:
    file = copied / "site/leaderboard.json"
    document = json.loads(file.read_text())
    cell, tried = document["rows"][0]["cell"], 0
    for place, other in spoilt(document, trap.name):
        file.write_text(json.dumps(other))
        with contextlib.suppress(Exception):
            rebuild(find_cell(cell, file), None)
        trap.check(place)
        tried += 1
    assert tried > 60


def test_no_string_of_a_stage_is_imported(copied: Path, trap: Trap) -> None:
    cell, tried = pd.read_parquet(records(copied))["cell"][0], 0
    for file in sorted((copied / "results/tiny/stages").glob("*/stage.json")):
        record = json.loads(file.read_text())
        record["identity"].setdefault("runtime", {"name": "torch", "settings": {}})
        for place, other in spoilt(record, trap.name):
            file.write_text(json.dumps(other))
            with contextlib.suppress(Exception):
                StageStore(file.parents[1]).get(record["key"])
                if record["kind"] == "evaluate":
                    finished_cell(cell, copied / "results")
            trap.check(place)
            tried += 1
        file.write_text(json.dumps(record))
    assert tried > 100


def spoil_artefacts(folder: Path, name: str) -> None:
    """Headers that name a stranger's model, with digests that are right."""
    for file in (folder / "results/tiny/stages").glob("*/artefact.safetensors"):
        artefact = load_artefact(file)
        save_artefact(file, artefact.encoded, replace(artefact.header, model=name))


def test_no_header_of_an_artefact_is_imported(copied: Path, trap: Trap) -> None:
    spoil_artefacts(copied, trap.name)
    cell = str(pd.read_parquet(records(copied))["cell"][0])
    assert main(["export", cell, "--to", str(copied / "model"), "--from", str(copied)]) != 0
    trap.check("export")
    side = str(copied / "results/tiny")
    with contextlib.suppress(Exception):
        main(["check", "--baseline", side, "--candidate", side, "--remeasure"])
    trap.check("check --remeasure")


@pytest.mark.parametrize(
    "command",
    [
        ["reproduce", "CELL", "--from", "results"],
        ["reproduce", "CELL", "--from", "site"],
        ["publish", "results/tiny", "--to", "again"],
        ["report", "results/tiny", "--reports", "reports"],
        ["compare", "results/tiny", "results/tiny"],
        ["check", "--baseline", "results/tiny", "--candidate", "results/tiny", "--remeasure"],
        ["check", "--save-baseline", "baseline", "--candidate", "results/tiny"],
        ["advise", "results/tiny"],
        ["export", "CELL", "--to", "model", "--from", "results"],
        ["plan", "tiny.yaml", "--results", "results"],
    ],
    ids=lambda command: "-".join(command[:1] + command[-1:]),
)
def test_no_command_imports_what_results_name(
    command: list[str], copied: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied)
    cell = str(pd.read_parquet(records(copied))["cell"][0])
    params = everywhere(json.loads(pd.read_parquet(records(copied))["params"][0]), trap.name)
    rewrite(records(copied), "params", json.dumps(params))
    for column in ("model", "method", "outer", "optimizer", "compression", "runtime"):
        rewrite(records(copied), column, trap.name)
    for file in [
        *copied.glob("results/tiny/stages/*/stage.json"),
        copied / "site/leaderboard.json",
    ]:
        document = everywhere(json.loads(file.read_text()), trap.name)
        if "identity" in document:
            document["identity"]["runtime"] = {"name": trap.name, "settings": {}}
        file.write_text(json.dumps(document))
    with contextlib.suppress(Exception):
        main([cell if word == "CELL" else word for word in command])
    trap.check(command)


def test_the_trap_springs_where_the_user_names_it(trap: Trap) -> None:
    with pytest.raises(UserError, match="is no subclass of Method"):
        METHODS.trust(trap.name)
    assert trap.sprung.exists()


def test_a_method_that_is_only_named_has_no_description(trap: Trap) -> None:
    assert _describe(trap.name) == ("", "")
    trap.check("publish")


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_what_reads_the_users_own_words_can_trust_them() -> None:
    """Who imports by name, and who trusts an import path: a new place has to be thought about."""
    importing, trusting = set(), set()
    for path in PACKAGE.rglob("*.py"):
        names = set(calls(ast.parse(path.read_text())))
        place = str(path.relative_to(PACKAGE))
        if names & {"importlib.import_module", "import_module", "__import__", "exec", "eval"}:
            importing.add(place)
        if any(n.endswith(".trust") or n in ("trust", "import_class") for n in names):
            trusting.add(place)
        assert not {n for n in names if n.startswith(("pickle.", "dill.")) or n == "torch.load"}
    assert importing == {
        "cli.py",  # its own commands
        "axis.py",  # the folders of axes
        "foreign.py",  # `import_class`
        "execute/job.py",  # its own stages
        "measure/nvml.py",
        "measure/fresh_process.py",  # what another of its processes had imported
        "commands/try_.py",  # the file that the user tries
    }
    assert trusting == {
        "axis.py",
        "suite/axes.py",
        "suite/sources.py",
        "suite/tuning.py",
        "commands/describe.py",
        "execute/workers.py",
        "measure/process.py",
    }
