"""What a machine forbids is a line that names the path and says what to set."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.cache import cache_folder
from benchmark.cli import main
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import UserError
from benchmark.system.denials import Place, denial, is_disk_full
from benchmark.system.places import require_writable

NAMELESS = 12345
"""A user id that the system knows nobody of."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with all that stands in a user's way."""
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere/at/all")
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(0o500)
    yield tmp_path
    (tmp_path / "locked").chmod(0o700)


def told(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        require_writable(Place(path, "give another place by --results"))
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file", "something that is no folder is there already"),
        ("file/x", "a file is where a folder is needed"),
        ("loop/x", "its links lead in a circle"),
        ("dangling", "something that is no folder is there already"),
        ("n" * 256, "the name is too long for the file system"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_with_its_remedy(
    folder: Path, name: str, reason: str
) -> None:
    assert told(folder / name) == f"{folder / name}: {reason}; give another place by --results"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_locked_folder_is_named_and_no_draft_in_it(folder: Path) -> None:
    assert told(folder / "locked").startswith(f"{folder / 'locked'}: permission denied")


@pytest.mark.parametrize("option", ["--results", "--reports"])
@pytest.mark.parametrize("name", ["file", "loop", "dangling", "r" * 300])
def test_a_run_finds_out_before_it_works(
    folder: Path, suite_file: Path, option: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"--results": str(folder / "results"), "--reports": str(folder / "reports")}
    places[option] = str(folder / name)
    arguments = [part for place in places.items() for part in place]
    assert main([str(suite_file), "--jobs", "1", "--device", "cpu", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert line.endswith(f"give another place by {option}")
    assert not list(folder.glob("results/*/stages/*"))


def test_errors_of_libraries_are_understood() -> None:
    arrow = OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left")
    wrapped = ValueError("cannot write")
    wrapped.__cause__ = OSError(28, "No space left on device", "/cache/prepared/x/audio.pcm")
    assert is_disk_full(arrow)
    assert is_disk_full(wrapped)
    assert denial(wrapped) == "/cache/prepared/x/audio.pcm: the disk is full"
    opened = PermissionError(13, "Failed to open local file '/data/x.parquet'")
    assert denial(opened) == "/data/x.parquet: permission denied"


@pytest.mark.parametrize("error", [ValueError("errno 13"), KeyError("x"), OSError(9, "Bad file")])
def test_other_errors_are_no_denials(error: Exception) -> None:
    assert denial(error) is None


def test_of_several_places_the_innermost_tells_what_to_set() -> None:
    error = PermissionError(13, "Permission denied", "/data/results/cache/prepared")
    places = [Place(Path("/data/results"), "outer"), Place(Path("/data/results/cache"), "inner")]
    assert denial(error, places) == "/data/results/cache/prepared: permission denied; inner"


@pytest.mark.parametrize("home", [None, ""])
def test_without_a_home_the_cache_says_what_to_set(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BENCHMARK_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if home is None:
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    else:
        monkeypatch.setenv("HOME", home)
    with pytest.raises(UserError, match=r"HOME is not set.*set BENCHMARK_CACHE"):
        cache_folder()


def test_the_cache_may_be_written_from_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("BENCHMARK_CACHE", "~/speech")
    assert cache_folder() == Path("/somewhere/speech")


def test_a_working_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    script = (
        f"import os, sys; from benchmark.cli import main; os.chdir({str(place)!r});"
        f" os.rmdir({str(place)!r}); sys.exit(main(['list']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: the working directory is gone; change to one that exists\n"


@pytest.mark.parametrize("command", ["publish", "report"])
def test_a_name_that_is_no_text_is_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(bytes(tmp_path) + b"/sp\xe6ech")
    option = {"publish": "--to", "report": "--reports"}[command]
    assert main([command, str(tmp_path), option, name]) == 2
    assert r"sp\udce6ech: this path is not UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("character", ["a", "é"])
def test_a_name_no_folder_can_have_is_refused_in_the_suite(
    character: str, suite_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(suite_file), "--set", f"name={character * 256}"]) == 2
    assert len(capsys.readouterr().err) < 400


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_what_is_remembered_in_a_shared_cache_has_the_modes_of_the_umask(
    umask: int, tmp_path: Path
) -> None:
    before = os.umask(umask)
    try:
        remember(tmp_path / "digests/one.json", {"answer": "42"})
    finally:
        os.umask(before)
    assert (tmp_path / "digests/one.json").stat().st_mode & 0o777 == 0o666 & ~umask
    assert recall(tmp_path / "digests/one.json") == {"answer": "42"}
    assert len(list((tmp_path / "digests").iterdir())) == 1


def test_what_cannot_be_remembered_is_asked_again(folder: Path) -> None:
    remember(folder / "file/one.json", {"answer": "42"})
    assert recall(folder / "file/one.json") == {}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("home", ["/nowhere", "/", "/proc"])
def test_a_user_without_a_name_gets_one_and_folders_for_libraries(
    home: str, tmp_path: Path
) -> None:
    script = (
        "import getpass, os; from benchmark.system.places import require_machine;"
        f"os.setuid({NAMELESS}); require_machine(); print(getpass.getuser(), os.environ['HF_HOME'])"
    )
    environment = {n: v for n, v in os.environ.items() if n not in ("USER", "LOGNAME", "HF_HOME")}
    environment |= {"HOME": home, "BENCHMARK_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert done.stdout.split() == [f"user{NAMELESS}", f"{tmp_path}/libraries/hf_home"]
