"""What the console says of speech: left out, and why."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from benchmark.cli import main
from benchmark.commands.shared.warnings import warn_of_left_out, warn_of_long_texts
from benchmark.data.prepared import Prepared


def told(speech: Any) -> list[str]:
    file = io.StringIO()
    warn_of_left_out(speech, Console(file=file, width=300))
    return file.getvalue().splitlines()


def speech(**left_out: dict[str, int]) -> Any:
    languages = {
        name: SimpleNamespace(
            prepared=Prepared(Path(), [None] * 10, {}, {"language": name, "left_out": reasons})  # type: ignore[list-item]
        )
        for name, reasons in left_out.items()
    }
    return SimpleNamespace(languages=languages)


@pytest.mark.parametrize(
    ("left_out", "lines"),
    [
        ({"aa": {}}, []),
        (
            {"aa": {"silent": 1, "no audio": 4}, "bb": {}},
            ["left out: 5 of 15 utterances of aa: no audio (4), silent (1)"],
        ),
        (
            {"sw": {f"reason {i}": i for i in range(1, 8)}},
            [
                "left out: 28 of 38 utterances of sw: reason 7 (7), reason 6 (6), reason 5 (5),"
                " reason 4 (4), other reasons (6)"
            ],
        ),
    ],
)
def test_what_was_left_out_is_told_by_language_and_reason(
    left_out: dict[str, dict[str, int]], lines: list[str]
) -> None:
    assert told(speech(**left_out)) == lines


def test_many_languages_take_few_lines() -> None:
    lines = told(speech(**{f"l{i}": {"silent": i} for i in range(1, 60)}))
    assert len(lines) == 9
    assert "of l59:" in lines[0]
    assert lines[-1] == "left out: utterances of 51 more languages; see the report"


def test_texts_that_do_not_fit_a_model_are_told_once_for_each_model_and_language() -> None:
    records = [
        SimpleNamespace(facts={"unfit": {"sw": [n, 20]}}, identity={"model": {"name": "conv_ctc"}})
        for n in (2, 3)
    ]
    file = io.StringIO()
    warn_of_long_texts([*records, SimpleNamespace(facts={})], Console(file=file, width=300))  # type: ignore[list-item]
    assert file.getvalue().count("\n") == 1
    assert "conv_ctc did not learn from 3 of 20 utterances of sw" in file.getvalue()


@pytest.mark.parametrize(
    ("language", "meant"), [("english", "'en' (English)"), ("cz", "'cs' (Czech)"), ("jp", "'ja'")]
)
def test_a_key_that_is_no_language_is_told_in_plan_with_the_code_meant(
    suite_text: str,
    tiny_corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    language: str,
    meant: str,
) -> None:
    path = tmp_path / "tiny.yaml"
    text = suite_text.replace("test: [cc]", f"test: [{language}], configs: {{{language}: cc}}")
    path.write_text(
        text.replace(f", configs: {{{language}: cc}}", f"\n  configs: {{{language}: cc}}")
    )
    assert main(["plan", str(path), "--results", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"{language!r} is not a language code" in out
    assert meant in out


@pytest.mark.parametrize(("one", "other"), [("de", "deu"), ("ger", "de_DE"), ("cmn", "zh")])
def test_one_language_under_two_codes_has_one_role(
    suite_text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], one: str, other: str
) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(suite_text.replace("[aa, bb]", f"[{one}]").replace("[cc]", f"[{other}]"))
    assert main(["plan", str(path), "--results", str(tmp_path)]) == 2
    assert f"language {other!r} is in 'test' and already in 'train' as {one!r}" in (
        capsys.readouterr().err
    )
