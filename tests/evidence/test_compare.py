"""Comparing two results, or two selections of one, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fabricated_runs import edit, results

from benchmark.cli import main
from benchmark.errors import Exit

RATES = {"joint": 0.3, "maml": 0.2}


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["compare", *map(str, arguments), "--json"]) == Exit.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_two_methods_of_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES, seeds=(0, 1, 2), languages=("nl", "pt"))
    found = as_json(capsys, a, "--where", "method=joint", "--against", "method=maml")
    (row,) = found["rows"]
    assert row["languages"] == ["nl", "pt"]
    assert row["num_utterances"] == 400
    assert row["num_speakers"] == 40
    assert row["num_seeds_a"] == 3
    records = pd.read_parquet(a / "records.parquet").groupby("method")["wer"].mean()
    assert row["rate_a"] == pytest.approx(records["joint"])
    assert row["rate_b"] == pytest.approx(records["maml"])
    assert row["high"] < 0
    assert row["p_holm"] < 0.01


def test_swapping_sides_swaps_signs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES)
    one = as_json(capsys, a, "--where", "method=joint", "--against", "method=maml")["overall"]
    two = as_json(capsys, a, "--where", "method=maml", "--against", "method=joint")["overall"]
    assert one["difference"] == pytest.approx(-two["difference"])
    assert one["low"] == pytest.approx(-two["high"])
    assert one["p"] == pytest.approx(two["p"])


def test_two_folders_pair_equal_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES | {"scratch": 0.5})
    b = results(tmp_path / "b", RATES | {"reptile": 0.5}, luck=1)
    found = as_json(capsys, a, b)
    assert [row["axes"]["method"] for row in found["rows"]] == ["joint", "maml"]
    assert any("scratch" in line and "only in A" in line for line in found["unpaired"])
    assert any("reptile" in line and "only in B" in line for line in found["unpaired"])


def test_shared_utterances_are_compared_and_the_others_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", {"maml": 0.3}, utterances=200)
    b = results(tmp_path / "b", {"maml": 0.3}, utterances=150)
    found = as_json(capsys, a, b)
    assert found["overall"]["num_utterances"] == 150
    assert "50 utterances only in A, 0 only in B; compared on 150" in found["unpaired"][0]


def test_one_seed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", RATES)
    main(["compare", str(a), "--where", "method=joint", "--against", "method=maml"])
    assert "one seed per side" in capsys.readouterr().out


def test_seeds_widen_the_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = results(tmp_path / "a", RATES, seeds=(0, 1, 2))
    noisy = results(tmp_path / "b", RATES, seeds=(0, 1, 2))
    table = pd.read_parquet(noisy / "utterances.parquet")
    lucky = table["cell"].str.endswith("0")
    table["n_errors"] = table["n_errors"].where(~lucky, table["n_errors"] // 2)
    table.to_parquet(noisy / "utterances.parquet")
    widths = []
    for folder in (quiet, noisy):
        select = ("--where", "method=joint", "--against", "method=maml")
        row = as_json(capsys, folder, *select)["overall"]
        widths.append(row["high"] - row["low"])
    assert widths[1] > 2 * widths[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "give two results folders"),
        (["--where", "method=mal", "--against", "method=joint"], "did you mean 'maml'"),
        (["--where", "metod=maml", "--against", "method=joint"], "did you mean 'method'"),
        (["--where", "method=joint,scratch", "--against", "method=maml"], "select one"),
        (["--where", "language=nl", "--against", "language=pt"], "no utterances in common"),
        (["--where", "maml", "--against", "method=joint"], "--where maml: expected AXIS=VALUE"),
    ],
)
def test_selections_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    a = results(tmp_path / "a", RATES | {"scratch": 0.5}, languages=("nl", "pt"))
    assert main(["compare", str(a), *options]) == Exit.USAGE
    assert message in capsys.readouterr().err


def _corrupt(folder: Path) -> None:
    (folder / "records.parquet").write_bytes(b"PAR1 cut short")


def _older(folder: Path) -> None:
    edit(folder, lambda records: records.drop(columns="normaliser"))


def _empty(folder: Path) -> None:
    edit(folder, lambda records: records.iloc[:0])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "records.parquet").unlink(), "no records.parquet here"),
        (lambda folder: (folder / "utterances.parquet").unlink(), "no utterances.parquet"),
        (lambda folder: (folder / "provenance.json").write_text("{"), "not a provenance file"),
        (_corrupt, "not a readable Parquet file"),
        (_older, "no column normaliser"),
        (_empty, "no cells"),
    ],
)
def test_spoilt_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Any, message: str
) -> None:
    a, b = results(tmp_path / "a", RATES), results(tmp_path / "b", RATES)
    spoil(b)
    assert main(["compare", str(a), str(b)]) == Exit.INCOMPLETE
    said = capsys.readouterr().err
    assert message in said
    assert str(b) in said


def test_no_such_folder(tmp_path: Path) -> None:
    a = results(tmp_path / "a", RATES)
    assert main(["compare", str(a), str(tmp_path / "b")]) == Exit.USAGE


def test_nothing_in_common_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = results(tmp_path / "a", {"joint": 0.3})
    b = results(tmp_path / "b", {"joint": 0.3}, normaliser="basic-2")
    assert main(["compare", str(a), str(b)]) == Exit.INCOMPLETE
    assert "normaliser: basic-1 -> basic-2" in capsys.readouterr().err
