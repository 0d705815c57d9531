"""Names of members: what a look-up knows, what is imported, and what it says of what fails."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from benchmark import axis
from benchmark.axis import Axis
from benchmark.data.prepare import DataLimits
from benchmark.errors import SuiteError, UserError
from benchmark.execute.job import Job
from benchmark.execute.workers import Workers
from benchmark.measure.process import measure_apart
from benchmark.methods.base import Method
from benchmark.plan.stages import Prepare
from benchmark.registry import CORPORA, METHODS, OPTIMIZERS, RUNTIMES
from benchmark.store.stages import StageRecord
from benchmark.suite.load import load

MINE = """\
from dataclasses import dataclass
from benchmark.data.corpora.base import Corpus
from benchmark.methods.base import Method
from benchmark.methods.joint import Joint
from benchmark.methods.maml import Maml
from benchmark.optimizers.sgd import Sgd
from benchmark.runtimes.torch import Torch

class Unfinished(Method): pass

@dataclass(frozen=True)
class Mine(Joint):
    "Mine."

@dataclass(frozen=True)
class Steps(Sgd):
    "Steps."

@dataclass(frozen=True)
class Inner(Maml):
    inner_optimizer: str = "NAME:Steps"

@dataclass(frozen=True)
class Runs(Torch):
    "Runs."

@dataclass(frozen=True)
class Wrong(Joint):
    def __post_init__(self):
        self.nothing()

@dataclass(frozen=True)
class Mute(Corpus):
    def languages(self):
        return [][0]
    def identity(self, language): return {}
    def read(self, language): return []
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of a module with members, which no other test has imported."""
    name = f"mine_{abs(hash(request.node.nodeid))}"
    (tmp_path / f"{name}.py").write_text(MINE.replace("NAME", name))
    monkeypatch.syspath_prepend(tmp_path)
    return name


def test_a_look_up_imports_only_what_is_trusted(mine: str) -> None:
    for look_up in (METHODS.find, METHODS.make):
        with pytest.raises(UserError, match="no code that a row names"):
            look_up(f"{mine}:Mine")
    assert mine not in sys.modules
    METHODS.trust(f"{mine}:Mine")
    assert METHODS.find(f"{mine}:Mine").cls.__name__ == "Mine"


def test_the_name_inside_a_setting_is_one_too(mine: str) -> None:
    with pytest.raises(UserError, match=r"no code that a row names"):
        METHODS.make("maml", {"inner_optimizer": f"{mine}:Steps"})
    assert mine not in sys.modules
    METHODS.trust("maml", {"inner_optimizer": f"{mine}:Steps"})
    assert METHODS.make("maml", {"inner_optimizer": f"{mine}:Steps"})
    assert f"{mine}:Steps" in OPTIMIZERS.trusted


@pytest.mark.parametrize(
    "entry",
    [
        "{{name: maml, inner_optimizer: '{0}:Steps'}}",
        "{{name: fomaml, support: 4, query: 4, inner_optimizer: [sgd, '{0}:Steps']}}",
        "'{0}:Inner'",
    ],
)
def test_a_suite_of_the_users_own_may_name_one_anywhere(
    entry: str, mine: str, suite_file: Path
) -> None:
    suite_file.write_text(suite_file.read_text().replace("joint,", f"{entry.format(mine)},"))
    assert any("Steps" in str(choice.identity) for choice in load(suite_file).methods)


def test_tuning_may_search_among_them(mine: str, suite_file: Path) -> None:
    space = f"{{axes: [methods], space: {{fomaml: {{inner_optimizer: ['{mine}:Steps']}}}}}}"
    text = suite_file.read_text().replace("scratch, joint, ", "")
    suite_file.write_text(text.replace("test:", "validation: [dd]\n  test:") + f"tune: {space}\n")
    assert load(suite_file).tune is not None


def test_a_process_that_measures_trusts_what_its_parent_does(mine: str, tmp_path: Path) -> None:
    (tmp_path / "looks.py").write_text(
        "import json\nfrom benchmark.measure.process import read_request\n"
        "from benchmark.registry import RUNTIMES\nrequest = read_request()\n"
        "print(json.dumps({'found': RUNTIMES.find(request['name']).cls.__name__}))\n"
    )
    RUNTIMES.trust(f"{mine}:Runs")
    assert measure_apart("looks", {"name": f"{mine}:Runs"}) == {"found": "Runs"}
    with pytest.raises(RuntimeError, match="no code that a row names"):
        measure_apart("looks", {"name": f"{mine}:Other"})


def test_a_worker_trusts_what_its_parent_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = (Path(__file__).parents[1] / "docs/extend.md").read_text()
    code = document.split("# my_corpus.py\n")[1].split("```")[0]
    for name in ("beeps_of_a_suite", "beeps_of_a_stranger"):
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    CORPORA.trust("beeps_of_a_suite:Beeps")
    answers = {}
    with Workers(1) as workers:
        for name in ("beeps_of_a_suite", "beeps_of_a_stranger"):
            corpus = {"name": f"{name}:Beeps", "settings": {}}
            stage = Prepare(corpus=corpus, source={}, language="aa", limits=DataLimits())
            job = Job("prepare", name, stage.to_json(), tmp_path / "store", {}, "cpu")
            workers.submit([job])
            while workers.busy:
                for event in workers.events():
                    if isinstance(event, StageRecord):
                        answers[name] = event.error
    assert answers["beeps_of_a_suite"] is None
    assert "no code that a row names" in str(answers["beeps_of_a_stranger"])


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("1 / 0", "X", r"ZeroDivisionError at \w+.py:1: division by zero"),
        ("import sys\nsys.exit(1)", "X", r"SystemExit at \w+.py:2: 1"),
        ("def", "X", "SyntaxError: invalid syntax"),
        ("\n\nimport not_there_at_all", "X", r"ModuleNotFoundError at \w+.py:3"),
        ("x = 1", "X", "AttributeError: .*no attribute 'X'"),
        ("class X: pass", "X", "is no subclass of Method"),
        ("X = 1", "X", "is no subclass of Method"),
        ("raise BaseException('a\\n' * 999)", "X", r"BaseException at \w+.py:1: a\\na"),
        (MINE, "Unfinished", "lacks meta_train, which every Method has"),
        (MINE, "Wrong", "Wrong cannot be made: AttributeError at .*nothing"),
    ],
)
def test_what_fails_in_code_of_others_is_told_with_its_place(
    code: str, name: str, reason: str, suite_file: Path, mine: str, tmp_path: Path
) -> None:
    (tmp_path / f"{mine}.py").write_text(code)
    suite_file.write_text(suite_file.read_text().replace("joint,", f"'{mine}:{name}',"))
    with pytest.raises(SuiteError, match=rf"tiny.yaml:8: .*{reason}") as caught:
        load(suite_file)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("path", [":X", "a:", ":", ".a:X", "a..b:X", "a:B.C", "a b:c", "a:b:c"])
def test_what_is_no_import_path_is_not_tried(path: str, suite_file: Path) -> None:
    suite_file.write_text(suite_file.read_text().replace("joint,", f"'{path}',"))
    with pytest.raises(SuiteError, match=r"tiny.yaml:8: .*expected package.module:Class"):
        load(suite_file)


def test_a_corpus_that_cannot_name_its_languages_is_told(mine: str, suite_file: Path) -> None:
    text = suite_file.read_text()
    old = text.split("source: ")[1].split("\n")[0]
    suite_file.write_text(text.replace(old, f"{{name: '{mine}:Mute'}}"))
    with pytest.raises(SuiteError, match=r"tiny.yaml:3: .*cannot name its languages: IndexError"):
        load(suite_file)
    assert f"{mine}:Mute" in CORPORA.trusted


def test_an_installed_plug_in_is_found_by_its_name_and_by_its_import_path(
    mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [EntryPoint("quick", f"{mine}:Mine", "benchmark.plugins")]
    monkeypatch.setattr(axis, "entry_points", lambda group: points)
    methods = Axis("method", "methods", Method)
    assert methods.find("quick").cls is methods.find(f"{mine}:Mine").cls
    assert "quick" in methods.names()
    assert f"{mine}:Mine" not in methods.names()


def test_a_plug_in_that_cannot_be_imported_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = [EntryPoint("lost", "not_there_at_all:X", "benchmark.plugins")]
    monkeypatch.setattr(axis, "entry_points", lambda group: points)
    with pytest.raises(
        UserError, match=r"plug-in 'lost' \(not_there_at_all:X\) cannot be imported"
    ):
        Axis("method", "methods", Method).find("joint")
