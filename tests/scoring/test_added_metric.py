"""A metric is one file: `try` checks it, and a plug-in's has its columns without training again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.scoring.errors import Errors, count_errors

ROOT = Path(__file__).parents[2]
EXAMPLE = dict(
    re.findall(r"```python\n# (\w+)\.py\n(.*?)```", (ROOT / "docs/extend.md").read_text(), re.S)
)["my_metric"]


@pytest.fixture(autouse=True)
def _forget_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_metric", raising=False)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("abc", "abc", Errors(3, 0, 0, 0)),
        ("abc", "axc", Errors(3, 1, 0, 0)),
        ("abc", "", Errors(3, 0, 3, 0)),
        ("", "ab", Errors(0, 0, 0, 2)),
        (["high", "low"], ["low"], Errors(2, 0, 1, 0)),
        ([" ", "a"], ["a", " "], Errors(2, 0, 1, 1)),
        ("", "", Errors(0, 0, 0, 0)),
    ],
)
def test_units_of_any_kind_are_counted(
    reference: list[str], hypothesis: list[str], expected: Errors
) -> None:
    found = count_errors(reference, hypothesis)
    assert (found.length, found.total) == (expected.length, expected.total)


def attempt(folder: Path, code: str) -> int:
    (folder / "my_metric.py").write_text(code)
    return main(["try", str(folder / "my_metric.py")])


def test_the_example_of_the_docs_is_as_it_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert attempt(tmp_path, EXAMPLE) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "units in a sentence each:" in said
    assert "vi 10" in said
    assert "OK. Put the file into benchmark/scoring/metrics, or install it as a plug-in" in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("marks(utterance.hypothesis))", "'x')", "errors where nothing was misrecognised"),
        (
            "return count_errors(",
            "return len(",
            r"`count` fails on ar: TypeError at my_metric.py:\d",
        ),
        ("return count_errors(", "return (", "`count` gives a value of type tuple, not Errors"),
        ("if unicodedata.combining(char)", "if char == '#'", "it counts no units in sentences of"),
        ("def count(", "def counts(", "it lacks count"),
        ("    def count(", "    units: str\n\n    def count(", "cannot be made without parameters"),
        (
            '    """Wrong, missing and added diacritics per diacritic, a fraction."""\n',
            "",
            "docstring",
        ),
    ],
)
def test_what_is_wrong_with_a_metric_is_said(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in EXAMPLE
    assert attempt(tmp_path, EXAMPLE.replace(old, new, 1)) == 3
    assert re.search(message, " ".join(capsys.readouterr().out.split()))


@pytest.fixture
def accented_corpus(tiny_corpus: Path, tmp_path: Path) -> Path:
    """The tiny corpus with accents in its texts."""
    folder = tmp_path / "accented"
    for path in tiny_corpus.rglob("*"):
        target = folder / path.relative_to(tiny_corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
            table["text"] = table["text"].str.translate(str.maketrans("aei", "\xe1\xe8\xef"))
            table.to_parquet(target, index=False)
        elif path.is_file():
            target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.usefixtures("timing_at_once")
def test_a_plug_in_fills_its_columns_from_stored_hypotheses(
    accented_corpus: Path, suite_text: str, tiny_corpus: Path, tmp_path: Path
) -> None:
    text = suite_text.replace(str(tiny_corpus), str(accented_corpus))
    suite = re.sub(r"methods: .*\noptimizers: .*", "methods: [scratch]\noptimizers: [sgd]", text)
    (tmp_path / "tiny.yaml").write_text(suite)
    results = tmp_path / "results"
    places = ["--results", str(results), "--device", "cpu", "--jobs", "1"]
    command = [str(tmp_path / "tiny.yaml"), *places, "--no-report"]
    assert main(["run", *command]) == 0
    before = pd.read_parquet(results / "tiny/records.parquet")
    assert "der" not in before

    package = tmp_path / "package"
    (package / "accents-1.0.dist-info").mkdir(parents=True)
    (package / "my_metric.py").write_text(EXAMPLE)
    (package / "accents-1.0.dist-info/METADATA").write_text("Name: accents\nVersion: 1.0\n")
    points = "[benchmark.plugins]\nder = my_metric:DiacriticErrorRate\n"
    (package / "accents-1.0.dist-info/entry_points.txt").write_text(points)
    environment = {**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{ROOT}"}
    site = tmp_path / "site"
    for arguments in (["run", *command], ["publish", str(results / "tiny"), "--to", str(site)]):
        done = subprocess.run(
            [sys.executable, "-m", "benchmark", *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    stages = json.loads((results / "tiny/provenance.json").read_text())["stages"]
    assert {kind for kind, counts in stages.items() if counts["run"]} == {"score"}
    after = pd.read_parquet(results / "tiny/records.parquet")
    pd.testing.assert_frame_equal(after[before.columns], before)
    utterances = pd.read_parquet(results / "tiny/utterances.parquet").groupby("cell")
    rows = json.loads((site / "leaderboard.json").read_text())
    assert rows["columns"]["der"] == "Wrong, missing and added diacritics per diacritic, a fraction"
    published = {row["cell"]: row for row in rows["rows"]}
    for _, record in after.iterrows():
        pairs = utterances.get_group(record["cell"])[["reference", "hypothesis"]].to_numpy()
        marks = [tuple(map(accents, pair)) for pair in pairs]
        errors = sum(distance(said, heard) for said, heard in marks)
        assert record["der"] == pytest.approx(errors / sum(len(said) for said, _ in marks))
        assert record["der_low"] <= record["der"] <= record["der_high"]
        assert published[record["cell"]]["der"] == pytest.approx(record["der"], rel=1e-5)

    assert main(["run", *command]) == 0, "without the plug-in"
    pd.testing.assert_frame_equal(pd.read_parquet(results / "tiny/records.parquet"), before)


def accents(text: str) -> list[str]:
    return [c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) == "Mn"]


def distance(a: list[str], b: list[str]) -> int:
    """Levenshtein distance, by its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0])
    )
