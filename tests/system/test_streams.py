"""Output fails for no encoding, no reader and no character."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.system.streams import Terminal, one_line, shortened, visible

SCRIPT = """
import sys
from types import SimpleNamespace
from benchmark import cli
from benchmark.commands import describe
def main(options, console):
    console.print(options.name)
    return 1
describe.main = main
sys.exit(cli.main(["describe", *sys.argv[1:]]))
"""


def shown(text: str | bytes, **settings: object) -> subprocess.CompletedProcess[bytes]:
    """A command that prints its argument and ends with 1."""
    environment = settings.pop("env", {})
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, text],
        env=os.environ | environment,  # type: ignore[operator]
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("cp1252", "жаркий día", rb"\u0436\u0430\u0440\u043a\u0438\u0439 d" + b"\xeda"),
        ("ascii", "ሰላም", rb"\u1230\u120b\u121d"),
        ("latin-1", "ngāti ɛ", rb"ng\u0101ti \u025b"),
        ("utf-8", b"sp\xe6ech", rb"sp\udce6ech"),
    ],
)
def test_what_an_encoding_lacks_is_escaped(
    encoding: str, text: str | bytes, expected: bytes
) -> None:
    done = shown(text, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert done.stdout.strip() == expected
    assert done.stderr == b""


def test_a_reader_that_goes_away_changes_no_verdict() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = shown("x", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_told(unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = shown("x", stdout=full, env={"PYTHONUNBUFFERED": unbuffered})
    assert done.returncode == 3
    assert done.stderr.startswith(b"error: standard output cannot be written")
    assert len(done.stderr.splitlines()) == 1


def test_a_closed_output_is_told_and_spoils_nothing() -> None:
    done = shown("x", stdout=None, preexec_fn=lambda: os.close(1))
    assert done.returncode == 1
    assert done.stderr == b"standard output is closed; nothing is shown\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2Jgone", r"\x9b2Jgone"),
        ("back\x08\x08up\r", r"back\x08\x08up\r"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("abc\u202eGNIDLIUB", r"abc\u202eGNIDLIUB"),
        ("tab\tand ق\u200dل stay", "tab\tand ق\u200dل stay"),
    ],
)
def test_nothing_that_is_printed_is_executed_by_the_terminal(text: str, expected: str) -> None:
    assert visible(text) == expected
    file = io.StringIO()
    Terminal(file=file, force_terminal=True).print(text.expandtabs())
    printed = file.getvalue().removesuffix("\n")
    assert printed == visible(printed)
    assert all(letter in printed for letter in text if letter.isalnum())


@pytest.mark.parametrize("name", ["results/[red]a", "[/b]", "[link=file:///x]y", ":smile:.yaml"])
def test_a_name_is_no_markup(name: str) -> None:
    file = io.StringIO()
    Terminal(file=file).print(name)
    assert file.getvalue() == f"{name}\n"


def test_a_field_of_a_table_for_programs_stays_one_field() -> None:
    assert one_line("a\tb\nc\r\x0c") == r"a\tb\nc\r\x0c"


def test_a_path_of_thousands_of_characters_does_not_fill_the_screen() -> None:
    assert len(shortened(f"error: {'x/' * 3000}: too long")) < 250
    assert shortened("error: results/tiny: not there") == "error: results/tiny: not there"
