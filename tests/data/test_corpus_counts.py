"""Files on disk are compared with files used: what was left out has a count and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from published import row, tone, write_parquet

from benchmark.data.corpora.folder import Folder
from benchmark.data.prepare import DataLimits, prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


def corpus(root: Path, files: list[str], rows: list[str], table: str = "metadata.csv") -> Path:
    """Audio files `nl/train/...` and a table of names with their texts."""
    folder = root / "c" / "nl" / "train"
    folder.mkdir(parents=True)
    for i, name in enumerate(files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(tone(pitch=300 + i))
    tab = "\t" if table.endswith("tsv") else ","
    lines = [f"file_name{tab}text", *(f"{name}{tab}woord {i}" for i, name in enumerate(rows))]
    (folder / table).write_text("\n".join(lines), encoding="utf-8")
    return root / "c"


def left_out(root: Path, folder: Path, limits: DataLimits | None = None) -> dict[str, int]:
    folder.mkdir()
    prepare(Folder(str(root)), "nl", limits or DataLimits(max_left_out=1), folder)
    counted: dict[str, int] = Prepared.open(folder).summary["left_out"]
    return counted


@pytest.mark.parametrize("table", ["metadata.csv", "metadata.tsv", "words.csv"])
def test_audio_without_a_row_is_counted(tmp_path: Path, table: str) -> None:
    root = corpus(tmp_path, ["a.wav", "b.wav", "deep/c.FLAC", "d.m4a"], ["a.wav"], table)
    assert left_out(root, tmp_path / "p") == {f"no row in {table}": 3}


def test_audio_without_a_row_counts_against_what_may_be_left_out(tmp_path: Path) -> None:
    root = corpus(tmp_path, [f"{i}.wav" for i in range(9)], [f"{i}.wav" for i in range(5)])
    told = r"4 of 9 utterances of nl cannot be used: no row in metadata\.csv \(4\); first train/5"
    with pytest.raises(DataError, match=told):
        left_out(root, tmp_path / "p", DataLimits())
    assert left_out(root, tmp_path / "q", DataLimits(max_left_out=0.45)) == {
        "no row in metadata.csv": 4
    }


def test_limits_do_not_choose_among_files_without_a_row(tmp_path: Path) -> None:
    names = [f"{i:02}.wav" for i in range(40)]
    whole = corpus(tmp_path, names, names[:38])
    few = DataLimits(train=5, max_left_out=0.1)
    # 2 of 40 files have no row: 5 %, however few of the others a suite takes.
    assert left_out(whole, tmp_path / "p", few) == {"no row in metadata.csv": 2}
    assert len(Prepared.open(tmp_path / "p").utterances) == 5
    with pytest.raises(DataError, match=r"no row in metadata\.csv \(2\)"):
        left_out(whole, tmp_path / "q", DataLimits(train=5, max_left_out=0.04))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("b.wav", "no file of its name"),
        ("../../../secret.wav", "its file is outside of the corpus"),
        ("/etc/passwd", "its file is outside of the corpus"),
        ("C:\\audio\\a.wav", "its file is outside of the corpus"),
        ("https://example.org/a.wav", "no file of its name"),
        ("a.wav", "the file of an earlier row"),
        ("e.m4a", ".m4a is a format that is not read"),
        ("empty.wav", "its file is empty"),
        ("twice.wav", "several files have its name"),
        ("", "no audio"),
    ],
)
def test_row_without_audio_says_why(tmp_path: Path, name: str, reason: str) -> None:
    root = corpus(tmp_path, ["a.wav", "e.m4a", "x/twice.wav", "y/twice.wav"], ["a.wav", name])
    (root / "nl" / "train" / "empty.wav").touch()
    (tmp_path / "secret.wav").write_bytes(tone())
    assert left_out(root, tmp_path / "p").get(reason) == 1


@pytest.mark.parametrize(
    ("written", "on_disk"),
    [
        ("x\\a.wav", "x/a.wav"),
        ("./x/a.wav", "x/a.wav"),
        ("a.wav", "x/a.wav"),
        ("e\u0301te\u0301.wav", "\u00e9t\u00e9.wav"),
        ("a b%20[1].wav", "a b%20[1].wav"),
        ("Mixed.Mp3", "Mixed.Mp3"),
        ("-rf.wav", "-rf.wav"),
        (".a.wav", ".a.wav"),
    ],
)
def test_ways_to_name_a_file(tmp_path: Path, written: str, on_disk: str) -> None:
    assert left_out(corpus(tmp_path, [on_disk], [written]), tmp_path / "p") == {}


def test_absolute_path_within_the_corpus_is_that_file(tmp_path: Path) -> None:
    inside = tmp_path / "c" / "nl" / "train" / "a.wav"
    assert left_out(corpus(tmp_path, ["a.wav"], [str(inside)]), tmp_path / "p") == {}


def test_paths_without_audio_are_told(tmp_path: Path) -> None:
    bare = [row(i, audio={"bytes": None, "path": f"clips/{i}.mp3"}) for i in range(3)]
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", [row(9), *bare])
    assert left_out(tmp_path / "c", tmp_path / "p") == {"only a path, no audio": 3}


def test_files_of_other_splits_are_not_missed(tmp_path: Path) -> None:
    root = corpus(tmp_path, ["a.wav"], ["a.wav"])
    (root / "nl" / "eval").mkdir()
    (root / "nl" / "eval" / "z.wav").write_bytes(tone())
    (root / "nl" / "train" / "._a.wav").write_bytes(b"what macOS leaves")
    assert left_out(root, tmp_path / "p") == {}


def test_identity_follows_whatever_changes_what_is_read(tmp_path: Path) -> None:
    root = corpus(tmp_path, ["a.wav", "b.wav"], ["a.wav"])
    folder = root / "nl" / "train"
    seen = [Folder(str(root)).identity("nl")]
    (folder / "c.wav").write_bytes(tone(pitch=990))
    seen.append(Folder(str(root)).identity("nl"))
    (folder / "metadata.csv").write_text("file_name,text\nb.wav,woord 0\n")
    seen.append(Folder(str(root)).identity("nl"))
    (folder / "notes.txt").write_text("plays no role")
    assert Folder(str(root)).identity("nl") == seen[-1]
    assert all(a != b for i, a in enumerate(seen) for b in seen[:i])
