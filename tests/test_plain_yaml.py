"""A suite is plain data: what else YAML can say is text, or is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmark.plain_yaml import MAX_DEPTH, MAX_VALUES, NotPlainError, parse

SUITES = sorted((Path(__file__).parents[1] / "suites").glob("*.yaml"))


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_the_suites_that_come_with_it_read_as_pyyaml_reads_them(path: Path) -> None:
    assert parse(path.read_text())[0] == yaml.safe_load(path.read_text())


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1_000", 1000),
        ("0x1F", 31),
        ("1.0e-4", 0.0001),
        (".5", 0.5),
        ("~", None),
        ("", None),
        ("True", True),
        ("[1, {b: c}]", [1, {"b": "c"}]),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        # What YAML 1.1 reads as something else is text.
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("190:20:30.15", "190:20:30.15"),
        ("2024-02-30", "2024-02-30"),
        ("0o17", "0o17"),
        ("0b101", "0b101"),
        ("1e-4", "1e-4"),
        ("=", "="),
        ("!!str 017", "017"),
        ("'12'", "12"),
    ],
)
def test_a_scalar_is_a_number_or_a_truth_value_or_else_text(written: str, value: object) -> None:
    data, _ = parse(f"a: {written}")
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("017", "some programs read this as octal; write the number without its zero"),
        ("9223372036854775808", "too large a number"),
        ("9" * 5000, "too large a number"),
        ("1.0e+999", "not a finite number"),
        (".inf", "not a finite number"),
        (".NaN", "not a finite number"),
        ("!!python/object/apply:os.system [exit]", "tags are not read"),
        ("!!set {x, y}", "tags are not read"),
        ("!!timestamp 2024-01-01", "tags are not read"),
        ("{<<: {b: 1}}", "merge keys .* are not read"),
        ("{? [b] : c}", "a key is text"),
        ("{b: 1, 'b': 2}", "'b' is given twice"),
        ("*b", r"\*b has no anchor above it"),
        ("&b [*b]", r"\*b has no anchor above it"),
        ('"\\ud800"', r"the character U\+D800"),
        ('"\\0"', r"the character U\+0000"),
        ('"\\U00110000"', "out of range"),
        ("\x0c", r"not valid YAML: character U\+000C"),
        ("\ud800", r"not valid YAML: character U\+D800"),
        ("a: b: c", "not valid YAML: mapping values are not allowed"),
        ("1\n---\nb: 2", "a second document begins"),
        ("x" * 20_000, "a text of 20,000 characters"),
        ("[" * 5000, f"nested deeper than {MAX_DEPTH} levels"),
        ("{b: " * 900, f"nested deeper than {MAX_DEPTH} levels"),
        (str([0] * MAX_VALUES), f"more than {MAX_VALUES:,} values"),
    ],
)
def test_what_is_refused_is_refused_with_its_line(value: str, reason: str) -> None:
    with pytest.raises(NotPlainError, match=reason) as caught:
        parse(f"first: 1\nsecond:\n- ok\n- {value}\n")
    assert caught.value.line == (5 if "---" in value else 4)
    assert len(str(caught.value)) < 300


def test_an_alias_repeats_a_value_as_a_copy() -> None:
    data, _ = parse("a: &x [1, {b: 2}]\nc: *x\n")
    assert data["a"] == data["c"] == [1, {"b": 2}]
    assert data["a"] is not data["c"]


@pytest.mark.parametrize("levels", [6, 12, 40])
def test_aliases_of_aliases_end_at_the_bound_and_not_the_memory(levels: int) -> None:
    lines = ["a0: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    with pytest.raises(NotPlainError, match="repeated ones included"):
        parse("\n".join(lines))


def test_aliases_cannot_nest_deeper_than_what_is_written_out() -> None:
    deep = "[" * 20 + "{}" + "]" * 20
    text = f"a: &a {deep.format(0)}\nb: &b {deep.format('*a')}\n"
    with pytest.raises(NotPlainError, match="nested deeper") as caught:
        parse(text)
    assert caught.value.line == 2


def test_every_value_knows_its_line() -> None:
    _, lines = parse("a: 1\nb:\n  c: [1,\n    2]\n")
    assert (lines[("a",)], lines[("b", "c")], lines[("b", "c", 1)]) == (1, 3, 4)
