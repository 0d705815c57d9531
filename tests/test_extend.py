"""The examples of docs/extend.md work as they stand, and `try` says what is wrong with others."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from benchmark.cli import main

pytestmark = pytest.mark.usefixtures("timing_at_once")

DOCUMENT = (Path(__file__).parents[1] / "docs/extend.md").read_text()
EXAMPLES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", DOCUMENT, re.DOTALL))


@pytest.fixture(autouse=True)
def _forget_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in EXAMPLES:
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_there_is_an_example_for_every_axis() -> None:
    assert EXAMPLES.keys() == {
        "my_method",
        "my_optimizer",
        "my_compression",
        "my_model",
        "my_corpus",
        "my_metric",
    }
    assert all(len(code.splitlines()) < 60 for code in EXAMPLES.values())


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"my_metric"}))
def test_an_example_runs_through_the_main_job(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"{name}.py").write_text(EXAMPLES[name])
    assert main(["try", str(tmp_path / f"{name}.py")]) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "OK. Add it to a suite" in said
    assert "character errors on tiny data" in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@dataclass(frozen=True)\n", "", "decorate it with @dataclass"),
        ('    """Train on one language at a time, in turn."""\n', "", "give it a docstring"),
        ("def meta_train", "def metatrain", "it lacks meta_train"),
        (
            "    languages_batch: int",
            "    search_space = {'language_batch': (4, 8)}\n    languages_batch: int",
            "search_space names 'language_batch', which is not a parameter; .* 'languages_batch'",
        ),
        ("training.loss(batch)", "training.los(batch)", r"my_method.py.*line \d+.*training.los"),
        ("while budget.left:", "while True:", r"utterance-gradients|budget"),
    ],
)
def test_what_is_wrong_is_said(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = EXAMPLES["my_method"]
    assert old in code
    (tmp_path / "my_method.py").write_text(code.replace(old, new, 1))
    if new == "while True:":
        code = code.replace(old, new, 1).replace("if budget.left:", "if True:")
        (tmp_path / "my_method.py").write_text(
            code.replace("min(self.languages_batch, budget.left)", "8")
        )
    assert main(["try", str(tmp_path / "my_method.py")]) == 3
    assert re.search(message, capsys.readouterr().out, re.DOTALL)


def test_a_file_without_a_member_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nothing.py").write_text("x = 1\n")
    assert main(["try", str(tmp_path / "nothing.py")]) == 2
    assert "defines no subclass of" in capsys.readouterr().err
    assert main(["try", str(tmp_path / "absent.py")]) == 2


USELESS = '''
from dataclasses import dataclass

from benchmark.compression.base import WeightCompression
from benchmark.methods.base import Method
from benchmark.optimizers.base import Optimizer


@dataclass(frozen=True)
class Lazy(Method):
    """Learns nothing."""

    def meta_train(self, training):
        pass

    def adapt(self, adaptation):
        pass


@dataclass(frozen=True)
class Still(Optimizer):
    """Moves no weight."""

    lr: float = 1e-3

    def build(self, parameters):
        import torch

        return torch.optim.SGD(parameters, lr=0.0)


@dataclass(frozen=True)
class Same(WeightCompression):
    """Leaves every weight as it is."""

    def apply(self, weights):
        return weights
'''


def test_what_runs_and_does_nothing_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "useless", raising=False)
    (tmp_path / "useless.py").write_text(USELESS)
    assert main(["try", str(tmp_path / "useless.py")]) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "meta-training spent 0 of 384 utterance-gradients" in said
    assert "adaptation spent 0 of 24 utterance-gradients" in said
    assert "(joint: " in said
    assert "adaptation does not lower the loss" in said
    assert "changed nothing: no weight" in said
    assert "OK" not in said
    assert said.count("1 problem found") == 2
    assert said.count("2 problems found") == 1


def test_a_complaint_that_needs_no_run_comes_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object) -> None:
        raise AssertionError("nothing is to be run")

    monkeypatch.setattr("benchmark.session.run.run_suite", run)
    monkeypatch.delitem(sys.modules, "useless", raising=False)
    (tmp_path / "useless.py").write_text(USELESS.replace("@dataclass(frozen=True)\n", ""))
    assert main(["try", str(tmp_path / "useless.py")]) == 3
