"""The schema that other people's scripts rely on, and what derives from it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from benchmark.board.combination import Cost
from benchmark.errors import UserError
from benchmark.plan.stages import KINDS
from benchmark.results.column import Columns, by_name, dtypes, rate
from benchmark.results.columns import DECLARED, PUBLISHED, RECORD, VARYING
from benchmark.results.utterance_columns import UTTERANCE

FIRST = json.loads(Path(__file__).with_name("schema_1.json").read_text())
"""Columns that are in files which people have; none may be renamed, retyped or moved."""


@pytest.mark.parametrize(("table", "columns"), [("records", RECORD), ("published", PUBLISHED)])
def test_columns_that_people_read_stay_as_they_were(table: str, columns: Columns) -> None:
    kept = {name: dtype for name, dtype in dtypes(columns).items() if name in FIRST[table]}
    assert list(kept.items()) == list(FIRST[table].items())


def test_what_differs_between_repetitions_is_what_differed() -> None:
    assert set(FIRST["varying"]) <= VARYING
    assert not VARYING & (FIRST["records"].keys() - set(FIRST["varying"]))


def test_utterances_have_the_columns_of_the_contract() -> None:
    assert list(UTTERANCE)[:6] == [
        "cell", "uid", "language", "speaker", "reference", "hypothesis",
    ]  # fmt: skip
    assert {"n_words", "n_errors", "duration"} <= UTTERANCE.keys()


def test_every_column_says_what_it_means() -> None:
    assert [column.name for column in DECLARED if not column.meaning] == []


def test_a_column_comes_from_a_kind_of_stage_that_there_is() -> None:
    assert {column.stage for column in DECLARED} <= {"", *KINDS}


def test_the_costs_of_a_combination_are_the_columns_that_are_costs() -> None:
    costs = {name for name, column in RECORD.items() if column.cost}
    assert {field.name for field in fields(Cost)} == costs


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(UserError, match="two columns of results are called 'wer'"):
        by_name([rate("wer"), rate("wer")])
