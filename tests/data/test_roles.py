"""No recording belongs to languages of different roles."""

from __future__ import annotations

from pathlib import Path

import pytest
from published import row, write_parquet

from benchmark.cli import main
from benchmark.data.base import Utterance
from benchmark.data.disjoint import check_apart
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


def speech(language: str, split: str, *digests: str) -> list[Utterance]:
    return [
        Utterance(f"{language}/{split}/{d}", language, split, "s", f"Text {d}", 1.0, d)
        for d in digests
    ]


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (speech("aa", "train", "a", "b"), speech("sw", "test", "b", "c"), "1 of 2"),
        (speech("aa", "train", "a", "b"), speech("sw", "train", "a", "b"), "2 of 2"),
        (speech("aa", "test", "a"), speech("sw", "train", "a", "c", "d"), "1 of 3"),
    ],
)
def test_a_recording_in_two_roles_is_refused_and_named_on_both_sides(
    train: list[Utterance], test: list[Utterance], words: str
) -> None:
    with pytest.raises(DataError, match=f"are one recording: {words} recordings of sw") as caught:
        check_apart([train], [test])
    assert all(
        uid in str(caught.value) for uid in (train[-1 if "b" in words else 0].uid[:3], "sw/")
    )
    assert "`configs: {aa: NAME, sw: NAME}`" in str(caught.value)


def test_languages_of_their_own_recordings_pass() -> None:
    check_apart(
        [speech("aa", "train", "a"), speech("bb", "train", "a")], [speech("sw", "test", "b")]
    )


SUITE = """\
name: one
data: {{source: {root}, train: [aa], test: [sw], shots: [2], configs: {{aa: all, sw: all}}}}
models: [conv_ctc]
methods: [scratch]
optimizers: [sgd]
compressions: [none]
seeds: [0]
budget: {{meta_train: 8, adapt: 8}}
"""


def test_one_config_for_all_languages_is_refused_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split, first in (("train", 0), ("test", 10)):
        rows = [row(n, speaker=split) for n in range(first, first + 4)]
        write_parquet(tmp_path / "corpus" / "all" / f"{split}.parquet", rows)
    suite = tmp_path / "one.yaml"
    suite.write_text(SUITE.format(root=tmp_path / "corpus"))
    places = ["--results", str(tmp_path / "results"), "--jobs", "1", "--no-report"]
    assert main(["run", str(suite), *places]) == 2
    error = capsys.readouterr().err
    assert "are one recording: 8 of 8 recordings of sw" in error
    assert not list((tmp_path / "results").rglob("weights.safetensors"))
