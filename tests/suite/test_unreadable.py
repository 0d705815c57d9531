"""What cannot be a suite is refused in one short line that names the place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.errors import SuiteError, UserError
from benchmark.suite.load import MAX_CELLS, load
from benchmark.suite.matrix import matrix, selections


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name: \xff\n", r":1: not UTF-8 \(byte 0xff\)"),
        (b"name: a\ndata: caf\xe9\n", r":2: not UTF-8 \(byte 0xe9\)"),
        ("name: a".encode("utf-16"), ":1: not UTF-8"),
        (b"", ":1: a suite is a mapping"),
        (b"- a\n", ":1: a suite is a mapping"),
        (b"name: a\n\x0c\n", r":2: not valid YAML: character U\+000C"),
        (b"#" * 300_000, "larger than 200,000 bytes"),
    ],
)
def test_a_file_that_is_no_suite(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(SuiteError, match=f"odd.yaml{reason}|odd.yaml: {reason}"):
        load(path)


@pytest.mark.parametrize("kind", ["folder", "pipe", "endless", "absent", "long"])
def test_a_place_that_is_no_file(kind: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    names = {"folder": "", "pipe": "pipe", "endless": "/dev/zero", "long": "x" * 300}
    with pytest.raises(SuiteError, match=r"cannot read|mapping|larger") as caught:
        load(tmp_path / names.get(kind, "absent"))
    assert "\n" not in str(caught.value)


def test_windows_line_ends_and_a_byte_order_mark_are_read(suite_file: Path) -> None:
    plain = load(suite_file)
    text = suite_file.read_text().replace("\n", "\r\n")
    suite_file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    methods = [method.identity for method in load(suite_file).methods]
    assert methods == [method.identity for method in plain.methods]


@pytest.mark.parametrize("value", ["'1e999'", "'nan'", "'-inf'", "'" + "9" * 30 + "'"])
@pytest.mark.parametrize("place", ["data.limits.max_seconds", "augmentation.noise_snr_db"])
def test_text_that_would_become_a_number_out_of_range(
    place: str, value: str, suite_file: Path
) -> None:
    if "9" * 30 in value:
        place = "budget.adapt"
    reason = "is not a finite number|is too large a number|input should be a finite number"
    with pytest.raises(SuiteError, match=f"{place} = .*({reason})"):
        load(suite_file, [f"{place}={value}"])


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("seeds=" + "[" * 3000, "nested deeper"),
        ("a." * 100 + "b=1", "nested deeper"),
        ("budget.adapt=2024-01-01", "budget.adapt = '2024-01-01': input should be a valid integer"),
        ("methods=!!python/name:os.system", "tags are not read"),
        ("methods=[*a]", "no anchor"),
        ("name=\x0c", r"U\+000C"),
        ("x" * 9000, "expected KEY=VALUE"),
        ("seeds." + "9" * 5000 + "=1", "no such place"),
    ],
)
def test_a_setting_of_the_command_line(assignment: str, reason: str, suite_file: Path) -> None:
    with pytest.raises(SuiteError, match=reason) as caught:
        load(suite_file, [assignment])
    message = str(caught.value)
    assert len(message) < 700
    assert message.isprintable()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "seeds: [0]",
            f"seeds: {list(range(10_000))}\ndraws: [0, 1]",
            ":1[0-9]: a suite of 240,000",
        ),
        ("aa, bb]", "aa, bb]\n  validation: []", "valid"),
        ("fomaml,", f"fomaml, inner_steps: {list(range(3000))},", "methods .* more than 2,000"),
        ("int8]", f"{'+'.join(['int8'] * 40)}]", "a chain of more than 32"),
        ("name: tiny", f"name: {'n' * 256}", "name = .* at most 200 characters"),
        ("name: tiny", 'name: "a\\nb"', "use letters, digits"),
        ("support: 4", f"{'k' * 900}: 4", "fomaml has no parameter 'kkk"),
        ("joint,", "{name: {a: b}},", "expected a name"),
        ("[none,", "[{chain: int8},", "chain = 'int8': expected a list"),
    ],
)
def test_more_than_anyone_could_mean(old: str, new: str, reason: str, suite_file: Path) -> None:
    suite_file.write_text(suite_file.read_text().replace(old, new, 1))
    if reason == "valid":
        assert load(suite_file).data.validation == ()
        return
    with pytest.raises(SuiteError, match=reason) as caught:
        load(suite_file)
    assert len(str(caught.value)) < 900


def test_a_matrix_as_large_as_the_bound_is_not_refused(suite_file: Path) -> None:
    seeds = MAX_CELLS // 12 - 1
    assert len(load(suite_file, [f"seeds={list(range(seeds))}"]).seeds) == seeds


@pytest.mark.parametrize(
    ("only", "reason"),
    [
        ("method=" + "," * 100_000, "no method ''"),
        ("method=" + "(," * 50_000, r"no method '\(,\(,"),
        ("method=\x1b[2J", r"no method '\\x1b\[2J'"),
        ("x" * 9000, "expected AXIS=VALUE"),
        ("x" * 9000 + "=1", "unknown axis"),
    ],
)
def test_a_selection_of_the_command_line(only: str, reason: str, suite_file: Path) -> None:
    suite = load(suite_file)
    with pytest.raises(UserError, match=reason) as caught:
        matrix(suite, selections([only]))
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()


def test_the_gate_never_calls_a_broken_suite_a_regression(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ctrl.yaml").write_text("name: a\n\x0c")
    sides = ["--baseline", str(tmp_path), "--candidate", str(tmp_path)]
    assert main(["check", *sides, "--suite", str(tmp_path / "ctrl.yaml")]) == 2
    assert "ctrl.yaml:2: not valid YAML" in capsys.readouterr().err
