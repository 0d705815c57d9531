"""The summary fits a pull-request comment and nothing in it is taken for markup."""

from pathlib import Path

import pandas as pd
from fabricate import record, write_results
from ranked_results import ranked

from benchmark.report.findings import find
from benchmark.report.guidance import guide
from benchmark.report.summary import to_markdown
from benchmark.results.load import load
from benchmark.text.escape import escape


def summary(folder: Path) -> str:
    results = load(folder)
    ranking = ranked(results)
    return to_markdown(results, ranking, find(results, ranking), guide(ranking))


def test_it_says_what_was_best_what_failed_and_where_it_comes_from(tmp_path: Path) -> None:
    text = summary(write_results(tmp_path / "multilingual"))
    assert text.startswith("## multilingual")
    assert "**Synthetic speech.**" in text
    assert ", p = 1, tied |" in text
    assert "2 diverged: loss became nan" in text
    assert "90daf2c7d41e with changes" in text


FAILURES = ("failed", "diverged", "oom", "timeout", "unsupported", "blocked")


def test_a_large_suite_still_fits(tmp_path: Path) -> None:
    rows = [
        record(
            0.3 + i / 1000 if i % 3 else None,
            method=f"method_with_a_rather_long_name_{i}",
            compression=f"prune{i}+int8",
            error="a very long error message " * 40,
            status="ok" if i % 3 else FAILURES[i // 3 % len(FAILURES)],
        )
        for i in range(60)
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    assert len(summary(tmp_path)) < 6000


def test_names_cannot_break_the_table_or_call_people() -> None:
    text = escape("a|b\n<img src=x> @octocat `c`")
    assert "\n" not in text
    assert "\\|" in text
    assert "<" not in text
    assert "@octocat" not in text


def test_a_ceiling_is_marked_and_has_no_rank(tmp_path: Path) -> None:
    rows = [record(0.4), record(0.1, method="monolingual")]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    lines = summary(tmp_path).splitlines()
    (shown,) = [line for line in lines if line.startswith("|  | monolingual, uncompressed")]
    assert "| ceiling (sees all training speech of the language) |" in shown
    assert any(line.startswith("| 1 | joint, uncompressed") for line in lines)
