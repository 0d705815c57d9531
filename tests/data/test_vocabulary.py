"""Output units: what a text becomes, and that it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.data.vocabulary import Units, Vocabulary


@pytest.mark.parametrize("units", ["characters", "words", "bytes"])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_text_comes_back(units: Units, text: str) -> None:
    vocabulary = Vocabulary.of(units, [text])
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_bytes_are_those_of_utf8_and_never_more() -> None:
    vocabulary = Vocabulary.of("bytes", ["ab"])
    assert len(vocabulary) == 256
    assert vocabulary.encode("\u0c05") == list("\u0c05".encode())
    assert vocabulary.extended(["\u4e2d"]) == vocabulary


def test_half_a_character_is_left_out() -> None:
    vocabulary = Vocabulary.of("bytes", [])
    assert vocabulary.decode([*b"a", "\u4e2d".encode()[0]]) == "a"


def test_known_units_keep_their_place_when_others_are_added() -> None:
    small = Vocabulary.of("characters", ["cab"])
    large = small.extended(["bad"])
    assert small.symbols == ("a", "b", "c")
    assert large.symbols == ("a", "b", "c", "d")


def test_a_unit_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Vocabulary.of("characters", ["ab"]).encode("c")
