"""A model that stopped recognising speech fails the gate, whatever intervals say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fabricated_runs import edit, results

from benchmark.cli import main
from benchmark.errors import Exit
from benchmark.scoring.usable import collapsed, constant, usable, usable_combinations

FEW = {"utterances": 6, "speakers": 3}


def check(baseline: Path, candidate: Path, *options: str) -> int:
    return main(["check", "--baseline", str(baseline), "--candidate", str(candidate), *options])


def column(name: str, value: object, where: str = "") -> object:
    def change(records: pd.DataFrame) -> pd.DataFrame:
        rows = records.query(where).index if where else records.index
        records[name] = records[name].astype(object) if name in records else None
        records.loc[rows, name] = value
        records[name] = pd.to_numeric(records[name])
        return records

    return change


@pytest.mark.parametrize(
    ("rate", "name", "value"),
    [(0.9, "blank_fraction", 1.0), (0.85, "blank_fraction", 0.985), (0.8, "deletion_rate", 0.97)],
)
def test_silence_is_a_regression_near_the_ceiling_too(
    tmp_path: Path, rate: float, name: str, value: float
) -> None:
    a = results(tmp_path / "a", {"joint": rate}, **FEW)
    b = edit(results(tmp_path / "b", {"joint": 2.0}, **FEW), column(name, value))
    assert check(a, b, "--relative", "0.5") == Exit.REGRESSION


@pytest.mark.parametrize("metric", ["own", "wer", "cer"])
def test_a_model_without_a_single_hit_is_a_regression_on_a_handful_of_utterances(
    tmp_path: Path, metric: str
) -> None:
    a = results(tmp_path / "a", {"joint": 0.4}, utterances=4, speakers=2, per_word=5)
    b = results(tmp_path / "b", {"joint": 3.0}, utterances=4, speakers=2, per_word=5)
    assert check(a, b, "--metric", metric) == Exit.REGRESSION


def test_one_language_or_one_seed_that_collapsed_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = results(tmp_path / "a", {"joint": 0.3}, seeds=(0, 1), languages=("nl", "pt"))
    alone = "language == 'pt' and seed == 1"
    b = results(tmp_path / "b", {"joint": 0.3}, seeds=(0, 1), languages=("nl", "pt"))
    edit(b, column("blank_fraction", 1.0, alone))
    assert check(a, b) == Exit.REGRESSION
    said = " ".join(capsys.readouterr().out.split())
    assert "1 regressed, 1 pass of 2 cells" in said
    assert "in 1 of 2 seeds" in said


def test_the_same_text_for_every_utterance_is_a_collapse() -> None:
    said = {"a": ["ja", "ja", "ja", "ja"], "b": ["", "", " ", ""], "c": ["een", "twee", "nul", ""]}
    meant = ["een", "twee", "drie", "vier"]
    rows = [(cell, h, r) for cell, heard in said.items() for h, r in zip(heard, meant, strict=True)]
    frame = pd.DataFrame(rows, columns=["cell", "hypothesis", "reference"])
    assert constant(frame).to_dict() == {"a": True, "b": True, "c": False}
    assert not constant(frame.assign(reference="ja"))["a"]
    assert constant(frame[["cell"]]).empty


def test_nearly_blank_frames_of_a_model_that_is_right_are_no_collapse() -> None:
    frame = pd.DataFrame(
        {
            "status": ["ok", "ok", "ok", "failed"],
            "metric": ["wer", "cer", "wer", "wer"],
            "wer": [0.1, 1.0, 1.3, None],
            "cer": [0.05, 0.2, 0.7, None],
            "blank_fraction": [0.99, 0.5, 0.5, 1.0],
        }
    )
    assert not collapsed(frame).any()
    assert usable(frame).tolist() == [True, True, False, False]


def test_what_had_collapsed_before_is_fixed_or_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = results(tmp_path / "dead", {"joint": 2.0}, per_word=5, blank_fraction=1.0)
    well = results(tmp_path / "well", {"joint": 0.3}, blank_fraction=0.6)
    assert check(dead, dead, "--strict") == Exit.INCONCLUSIVE
    assert "recognises nothing" in " ".join(capsys.readouterr().out.split())
    assert check(dead, well, "--strict") == Exit.OK
    assert "fixed" in capsys.readouterr().out
    assert check(well, well, "--strict") == Exit.OK


@pytest.mark.parametrize("luck", range(3))
def test_chance_near_the_ceiling_is_no_collapse(tmp_path: Path, luck: int) -> None:
    a = results(tmp_path / "a", {"joint": 0.9, "maml": 0.93}, utterances=16, luck=luck)
    b = results(tmp_path / "b", {"joint": 0.92, "maml": 0.91}, utterances=16, luck=luck + 9)
    assert check(a, b) == Exit.OK


def test_an_average_hides_no_language_that_others_recognise() -> None:
    rates = {"good": (0.3, 0.4, 1.0), "lost": (0.1, 1.0, 1.0), "bad": (0.99, 1.0, 1.2)}
    rows = [
        {"status": "ok", "metric": "wer", "language": language, "wer": rate, "cer": rate}
        for values in rates.values()
        for language, rate in zip(("nl", "pt", "tr"), values, strict=True)
    ]
    found = usable_combinations(pd.DataFrame(rows), np.repeat([0, 1, 2], 3), 3, ("nl", "pt", "tr"))
    assert found.overall.tolist() == [True, False, False]
    assert found.hopeless == ("tr",)
    assert found.languages[:, 0].tolist() == [True, True, False]
