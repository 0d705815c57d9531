"""A language that lacks a split for its role is told of before anything is trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmark.cli import main
from benchmark.data.corpora.base import Corpus
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import SuiteError, UserError
from benchmark.plan.speech import Speech, missing_splits, prepared_store
from benchmark.store.identity import key
from benchmark.suite.load import load


@pytest.fixture
def corpus(tmp_path: Path, tiny_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_corpus, tmp_path / "c")
    return tmp_path / "c"


@pytest.fixture
def suite(tmp_path: Path, corpus: Path, suite_text: str, tiny_corpus: Path) -> Path:
    (tmp_path / "s.yaml").write_text(suite_text.replace(str(tiny_corpus), "./c"))
    return tmp_path / "s.yaml"


def lacking(suite: Path, *assignments: str) -> dict[str, str]:
    languages = Speech.of(load(suite, assignments).data).languages.values()
    return {one.name: one.blocked for one in languages if one.blocked}


@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize("name", ["eval", "dev_test", "evaluation"])
def test_split_of_another_name_is_told_and_can_be_mapped(
    suite: Path, corpus: Path, card: bool, name: str
) -> None:
    (corpus / "cc" / "test.parquet").rename(corpus / "cc" / f"{name}.parquet")
    text = (corpus / "README.md").read_text()
    renamed = text.replace("{split: test, path: cc/test", f"{{split: {name}, path: cc/{name}")
    (corpus / "README.md").write_text(renamed if card else "")
    told = lacking(suite)
    assert told.keys() == {"cc"}
    assert told["cc"].startswith("cc has no test split; it has: ")
    assert {"train", name} == set(told["cc"].splitlines()[0].partition("has: ")[2].split(", "))
    assert f"`splits: {{test: {name}}}`" in told["cc"]
    # The training languages have no split of that name, and need none.
    assert lacking(suite, f"data.splits={{test: {name}}}") == {}
    assert lacking(suite, "data.splits={test: x}").keys() == {"cc"}


def test_plan_and_run_refuse_before_training(
    suite: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "README.md").unlink()
    (corpus / "cc" / "test.parquet").unlink()
    assert main(["plan", str(suite)]) == 3
    assert "cc has no test split; it has: train" in capsys.readouterr().out
    assert main(["run", str(suite), "--jobs", "1", "--no-report"]) == 3
    assert "cc has no test split; it has: train" in capsys.readouterr().out
    kinds = {p.name for p in (suite.parent / "results" / "tiny" / "stages").glob("*")}
    assert not kinds, "nothing was trained"


def test_training_language_without_training_split(suite: Path, corpus: Path) -> None:
    (corpus / "README.md").unlink()
    (corpus / "aa" / "train.parquet").unlink()
    assert lacking(suite) == {"aa": "aa has no train split; it has: test"}


def test_training_language_needs_no_test_split(suite: Path, corpus: Path) -> None:
    (corpus / "README.md").unlink()
    (corpus / "aa" / "test.parquet").unlink()
    assert lacking(suite) == {}


def test_empty_test_split_is_told_once_prepared(suite: Path, corpus: Path) -> None:
    path = corpus / "cc" / "test.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    data = load(suite).data
    assert missing_splits(data, "cc", None) is None
    stage = Speech.of(data).languages["cc"].stage
    assert stage is not None
    folder = prepared_store().path(stage.key)
    folder.mkdir(parents=True)
    prepare(data.source.member, "cc", data.limits, folder)
    told = missing_splits(data, "cc", Prepared.open(folder))
    assert told == "cc: no utterance of its test split can be used"


def test_corpus_that_cannot_tell_its_splits_is_asked_once_it_is_read() -> None:
    assert Corpus.splits_of.__doc__
    assert Corpus.splits_of(object(), "nl") is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("max_seconds=.inf", "max_seconds"),
        ("min_seconds=.nan", "min_seconds"),
        ("max_left_out=1.5", "max_left_out"),
        ("train=0", "train"),
        ("test=-3", "test"),
    ],
)
def test_limits_that_mean_nothing_are_refused_by_name(suite: Path, limit: str, told: str) -> None:
    with pytest.raises(SuiteError, match=rf"data\.limits\.{told}"):
        load(suite, [f"data.limits.{limit}"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, Path("x"), b"x"])
def test_key_of_what_json_cannot_hold_names_the_field(value: object) -> None:
    with pytest.raises(UserError, match=r"source\.rate = .* is not JSON compliant"):
        key({"source": {"rate": value, "name": "x"}})
