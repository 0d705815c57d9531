"""The regression gate as a CI job meets it: exit codes, verdicts, files."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from fabricated_runs import edit, results

from benchmark.cli import main
from benchmark.errors import Exit

RATES = {"joint": 0.3, "maml": 0.25, "reptile": 0.28}


def check(baseline: Path, candidate: Path, *options: str) -> int:
    return main(["check", "--baseline", str(baseline), "--candidate", str(candidate), *options])


def test_same_results_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES)
    assert check(a, a, "--strict") == Exit.OK
    assert "3 pass of 3 cells" in capsys.readouterr().out


@pytest.mark.parametrize("luck", range(10))
def test_another_seed_is_no_regression(tmp_path: Path, luck: int) -> None:
    a = results(tmp_path / "a", RATES, seeds=(0,), luck=luck)
    b = results(tmp_path / "b", RATES, seeds=(1,), luck=luck)
    assert check(a, b) == Exit.OK


def test_a_worse_model_fails_and_its_cell_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", RATES | {"maml": 0.5}, luck=1)
    assert check(a, b, "--markdown") == Exit.REGRESSION
    said = capsys.readouterr().out
    assert "### Benchmark: regressed" in said
    rows = [line for line in said.splitlines() if line.startswith("| regressed")]
    assert len(rows) == 1
    assert "maml" in rows[0]


def test_a_better_model_is_improved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", {"maml": 0.5})
    b = results(tmp_path / "b", {"maml": 0.2}, luck=1)
    assert check(a, b, "--strict") == Exit.OK
    assert "improved: all cells together" in capsys.readouterr().out


def test_a_loss_that_is_tolerated_is_no_regression(tmp_path: Path) -> None:
    a = results(tmp_path / "a", {"maml": 0.3}, utterances=3000, speakers=200)
    b = results(tmp_path / "b", {"maml": 0.36}, utterances=3000, speakers=200, luck=1)
    assert check(a, b, "--seed-noise", "0") == Exit.REGRESSION
    assert check(a, b, "--seed-noise", "0", "--relative", "0.3", "--strict") == Exit.OK
    assert check(a, b, "--seed-noise", "0", "--absolute", "0.1", "--strict") == Exit.OK


def test_too_little_speech_is_inconclusive(tmp_path: Path) -> None:
    a = results(tmp_path / "a", {"maml": 0.3}, utterances=8, speakers=4)
    b = results(tmp_path / "b", {"maml": 0.32}, utterances=8, speakers=4, luck=1)
    assert check(a, b) == Exit.OK
    assert check(a, b, "--strict") == Exit.INCONCLUSIVE


def test_a_baseline_that_recognises_nothing_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", {"maml": 2.0}, per_word=5)
    b = results(tmp_path / "b", {"maml": 1.9}, per_word=5)
    assert check(a, b, "--strict", "--relative", "0.5") == Exit.INCONCLUSIVE
    assert "recognises nothing" in capsys.readouterr().out


def test_where_words_are_all_wrong_characters_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", {"maml": 2.0}, per_word=2)
    b = results(tmp_path / "b", {"maml": 2.0}, per_word=4)
    assert check(a, b) == Exit.REGRESSION
    assert "judged by characters in nl" in capsys.readouterr().out
    assert check(a, b, "--metric", "wer") == Exit.OK


def test_a_vanished_cell_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", {"joint": 0.3, "maml": 0.25})
    assert check(a, b) == Exit.INCOMPLETE
    assert "1 missing, 2 pass of 3 cells" in capsys.readouterr().out


def test_a_vanished_seed_fails(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES, seeds=(0, 1))
    b = results(tmp_path / "b", RATES, seeds=(0,))
    assert check(a, b) == Exit.INCOMPLETE


def test_a_cell_that_now_fails_is_missing_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", RATES)

    def break_maml(records: pd.DataFrame) -> pd.DataFrame:
        records.loc[records["method"] == "maml", ["status", "error"]] = ["oom", "no memory left"]
        return records

    b = edit(results(tmp_path / "b", RATES), break_maml)
    assert check(a, b, "--markdown") == Exit.INCOMPLETE
    assert "oom: no memory left" in capsys.readouterr().out


@pytest.mark.parametrize("field", ["normaliser", "metric"])
def test_what_counts_differently_is_not_comparable_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    a = results(tmp_path / "a", RATES)

    def change(records: pd.DataFrame) -> pd.DataFrame:
        records.loc[records["method"] == "maml", field] = "cer"
        return records

    b = edit(results(tmp_path / "b", RATES), change)
    assert check(a, b, "--markdown") == Exit.INCOMPLETE
    said = capsys.readouterr().out
    assert "| not comparable | maml |" in said
    assert f"{field}:" in said


def test_another_corpus_is_not_comparable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", RATES)
    provenance = (b / "provenance.json").read_text().replace("speech of nl", "other speech")
    (b / "provenance.json").write_text(provenance)
    assert check(a, b) == Exit.INCOMPLETE
    assert "corpus: speech of nl -> other speech" in capsys.readouterr().err


def test_other_test_utterances_are_not_comparable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", RATES, utterances=150)
    assert check(a, b) == Exit.INCOMPLETE
    assert "50 only in the baseline" in capsys.readouterr().err


def test_no_common_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", {"joint": 0.3})
    b = results(tmp_path / "b", {"maml": 0.3})
    assert check(a, b) == Exit.INCOMPLETE
    assert "no cell in common" in capsys.readouterr().err


def test_a_broken_suite_is_a_mistake_not_a_regression(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES)
    (tmp_path / "broken.yaml").write_text("name: x\nmethod: [maml]\n")
    assert check(a, a, "--suite", str(tmp_path / "broken.yaml")) == Exit.USAGE


def test_thresholds_come_from_the_suite_and_options_override_them(
    tmp_path: Path, suite_file: Path
) -> None:
    suite_file.write_text(suite_file.read_text() + "check: {relative: 0.9}\n")
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", RATES | {"maml": 0.45}, luck=1)
    assert check(a, b) == Exit.REGRESSION
    assert check(a, b, "--suite", str(suite_file)) == Exit.OK
    assert check(a, b, "--suite", str(suite_file), "--relative", "0") == Exit.REGRESSION


def test_growing_files_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", RATES, size_bytes=1_100_000)
    assert check(a, b) == Exit.REGRESSION
    assert "1 -> 1.1 MB (+10.0%)" in capsys.readouterr().out.replace("\n", " ")
    assert check(a, b, "--size", "0.2") == Exit.OK


def test_latencies_of_two_runs_are_not_comparable(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES)
    assert check(a, a, "--latency", "0.1") == Exit.INCOMPLETE


def test_a_changed_setting_is_judged_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", RATES, params='{"budget": {"adapt": 64}}')
    b = results(tmp_path / "b", RATES, params='{"budget": {"adapt": 8}}')
    assert check(a, b) == Exit.OK
    assert "changed setting budget.adapt: 64 -> 8 (3 cells)" in capsys.readouterr().out


def test_a_baseline_file_stands_for_its_folder_and_holds_no_text(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES, seeds=(0, 1), languages=("nl", "pt"))
    b = results(tmp_path / "b", RATES | {"maml": 0.5}, (0, 1), ("nl", "pt"), luck=1)
    saved = tmp_path / "kept" / "baseline.parquet"
    assert main(["check", "--candidate", str(a), "--save-baseline", str(saved.parent)]) == 0
    assert b"words that were said" not in saved.read_bytes()
    assert saved.stat().st_size < 100_000
    for baseline in (saved, saved.parent):
        assert check(baseline, a, "--strict") == Exit.OK
        assert check(baseline, b) == Exit.REGRESSION


def test_junit_counts_what_failed(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES)
    b = results(tmp_path / "b", {"joint": 0.3, "maml": 0.6}, luck=1)
    check(a, b, "--junit", str(tmp_path / "check.xml"))
    suite = ElementTree.parse(tmp_path / "check.xml").getroot()
    assert suite.get("tests") == "4"
    assert suite.get("failures") == "2"
    assert suite.get("errors") == "1"
    failed = {case.get("name", "") for case in suite if case.find("failure") is not None}
    assert {"maml" in name or name == "overall" for name in failed} == {True}


def test_markdown_keeps_names_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", {"<script>|x": 0.3, "joint": 0.3})
    b = results(tmp_path / "b", {"<script>|x": 0.9, "joint": 0.3}, luck=1)
    assert check(a, b, "--markdown") == Exit.REGRESSION
    said = capsys.readouterr().out
    assert "<script" not in said
    assert "&lt;script>\\|x" in said


def test_baseline_or_save_baseline(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES)
    assert main(["check", "--candidate", str(a)]) == Exit.USAGE
