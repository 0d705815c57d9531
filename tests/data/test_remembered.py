"""Remembered answers: whole, or forgotten with a word."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.data.corpora.layout.memory import recall, remember

ANSWER = {"/corpus/de/train.parquet:12:34": "ab" * 32, "ü": "ß"}


def _flip(text: bytes) -> bytes:
    return text.replace(b"abab", b"acab", 1)


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "flip": _flip,
    "flip of the seal": lambda text: text.replace(b"seal", b"sea1"),
    "truncation": lambda text: text[:-8],
    "truncation in the seal": lambda text: text[:20],
    "emptying": lambda text: b"",
    "another type": lambda text: b"[1, 2]",
    "no UTF-8": lambda text: b"\xff" + text,
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_answer_is_forgotten_and_a_line_says_so(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "digests/a.json"
    remember(path, ANSWER)
    assert recall(path) == ANSWER
    path.write_bytes(HARMS[harm](path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert recall(path) == {}
    assert len(caplog.records) == 1 and "a.json" in caplog.text
    remember(path, ANSWER)
    assert recall(path) == ANSWER
    assert [found.name for found in path.parent.iterdir()] == ["a.json"]


def test_what_was_never_asked_is_no_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert recall(tmp_path / "none.json") == {}
    assert not caplog.records


@pytest.mark.parametrize("text", ['{"folder": "/x"}', '{"name": "a", "sha": "b"}', "{}"])
def test_answers_of_earlier_versions_are_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "old.json").write_text(text)
    assert str(recall(tmp_path / "old.json")) == text.replace('"', "'")
