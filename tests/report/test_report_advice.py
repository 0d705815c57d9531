"""Advice names what the results support under the limits, and says where they cannot tell."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import record, write_results
from ranked_results import ranked

from benchmark.cli import main
from benchmark.errors import UserError
from benchmark.report.advice import Advice, DeviceLimits, advise, nearest_shots
from benchmark.report.guidance import guide
from benchmark.results.load import load


def advice_of(folder: Path, limits: DeviceLimits, *rows: dict[str, object]) -> Advice:
    pd.DataFrame(list(rows)).to_parquet(folder / "records.parquet")
    return advise(load(folder), limits, None)


BOTH = (
    record(0.40, size_bytes=1_600_000, latency_p95_ms=9.0),
    record(0.60, compression="int8", size_bytes=430_000, latency_p95_ms=30.0),
)


def test_the_lowest_error_within_the_limits_is_named(tmp_path: Path) -> None:
    assert advice_of(tmp_path, DeviceLimits(), *BOTH).best.axes["compression"] == "none"
    small = advice_of(tmp_path, DeviceLimits(size_bytes=500_000), *BOTH)
    assert small.best.axes["compression"] == "int8"
    assert any("Only one combination" in doubt for doubt in small.doubts)


def test_limits_that_nothing_meets_name_the_nearest_miss(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nearest miss is joint, int8: 430 kB.* 4.3 times"):
        advice_of(tmp_path, DeviceLimits(size_bytes=100_000), *BOTH)
    # Together 1.5 times the latency is nearer than 3.2 times the size.
    with pytest.raises(UserError, match=r"joint, int8.* 1.5 times"):
        advice_of(tmp_path, DeviceLimits(size_bytes=500_000, latency_ms=20.0), *BOTH)


def test_what_was_not_timed_meets_no_limit_of_latency(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not measured"):
        advice_of(tmp_path, DeviceLimits(latency_ms=20.0), record(0.4, latency_p95_ms=None))


def test_a_tie_with_another_method_is_a_doubt(tmp_path: Path) -> None:
    tied = advice_of(tmp_path, DeviceLimits(), record(0.40), record(0.41, method="maml"))
    assert any("may be the best for method" in doubt for doubt in tied.doubts)
    clear = advice_of(
        tmp_path,
        DeviceLimits(),
        *(record(0.40, seed=seed) for seed in (0, 1)),
        *(record(0.80, method="maml", seed=seed) for seed in (0, 1)),
    )
    assert clear.doubts == []


@pytest.mark.parametrize(
    ("known", "asked", "chosen"),
    [
        (["10", "100"], "20", "10"),
        (["10", "100"], "40", "100"),
        (["30s", "10min", "1h"], "600s", "10min"),
        (["20", "10min"], "1h", "10min"),
        (["20"], None, "20"),
    ],
)
def test_the_nearest_shots_by_ratio_of_the_same_kind(
    known: list[str], asked: str | None, chosen: str
) -> None:
    assert nearest_shots(known, asked) == chosen


def test_minutes_do_not_compare_with_utterances() -> None:
    with pytest.raises(UserError, match="cannot be compared"):
        nearest_shots(["20", "100"], "10min")
    with pytest.raises(UserError, match="20 and 100"):
        nearest_shots(["20", "100"], None)


def test_the_command_shows_choices_ties_and_what_they_rest_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_results(tmp_path / "multilingual", failures=0, shots=("20", "200"), seeds=(0, 1))
    limits = ["--max-size", "500kB", "--max-latency", "0.1s"]
    assert main(["advise", str(folder), *limits, "--data", "30"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("20 utterances of target speech, the nearest to 30 that was measured")
    assert "int8" in shown.splitlines()[2]
    assert "scratch" in shown
    assert "nl: synthetic speech, 80 test utterances" in shown
    assert "20 of 40 combinations meet the limits" in shown


@pytest.mark.parametrize("given", [["--max-size", "5pigs"], ["--max-latency", "0ms"]])
def test_a_limit_that_is_no_quantity_is_refused(given: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as done:
        main(["advise", str(tmp_path), *given])
    assert done.value.code == 2


def test_the_report_says_which_optimizer_for_each_size_of_data(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "multilingual", failures=0, shots=("20", "200"), seeds=(0, 1))
    results = load(folder)
    found = guide(ranked(results))
    assert [f.title.split(",")[0] for f in found] == ["20 utterances", "200 utterances"]
    assert all("Each optimizer at its best" in f.text for f in found)


def test_one_optimizer_and_one_size_give_no_advice_section(tmp_path: Path) -> None:
    pd.DataFrame([record(0.4)]).to_parquet(tmp_path / "records.parquet")
    results = load(tmp_path)
    assert guide(ranked(results)) == []


def test_a_ceiling_is_named_for_reference_and_never_advised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (record(0.4), record(0.1, method="monolingual", size_bytes=9))
    advice = advice_of(tmp_path, DeviceLimits(), *rows)
    assert advice.best.axes["method"] == advice.smallest.axes["method"] == "joint"
    assert not advice.others
    assert main(["advise", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "monolingual, uncompressed, ceiling (sees all training speech of the language)" in shown
    assert "1 of 2 combinations meets the limits; ceilings: 1" in shown
