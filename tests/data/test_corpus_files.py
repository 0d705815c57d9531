"""Which files are read: folders first, each by its own format, names as people write them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from local_hub import LocalHub, serving
from published import row, tone, write_card, write_parquet

from benchmark.data.corpora.base import RawUtterance
from benchmark.data.corpora.folder import Folder
from benchmark.data.corpora.hub import Hub
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


def read(root: Path, language: str = "nl", **settings: Any) -> list[RawUtterance]:
    return list(Folder(str(root), **settings).read(language))


def spoken(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(tone(pitch=300 + 7 * i + len(folder.name)))


NAMES = [
    "speech [v2]",
    "x::y",
    "a*b?",
    "50% #1",
    "речь",
    "-x",
    ".cfg",
    "~me",
    "hf:__ {0}",
    "a'b\"c",
]


@pytest.mark.parametrize("name", NAMES)
def test_folders_are_called_as_people_like(tmp_path: Path, name: str) -> None:
    root = tmp_path / name / "c"
    write_parquet(root / "nl" / "train.parquet", [row(1)])
    spoken(root / "pt" / "train", f"{name}.wav")
    (root / "pt" / "train" / "metadata.tsv").write_text(f"file_name\ttext\n{name}.wav\tum\n")
    assert [u.id for u in read(root)] == ["u1"]
    assert [(u.text, bool(u.audio)) for u in read(root, "pt")] == [("um", True)]
    assert Folder(str(root)).identity("pt")["config"] == "pt"


@pytest.mark.parametrize("name", ["nl[a-z]", "nl*", "nl::x", "nl {a,b}"])
def test_language_folders_are_no_patterns(tmp_path: Path, name: str) -> None:
    write_parquet(tmp_path / "c" / name / "train.parquet", [row(1)])
    write_parquet(tmp_path / "c" / "nlx" / "train.parquet", [row(2)])
    assert [u.id for u in read(tmp_path / "c", configs={"nl": name})] == ["u1"]


def test_paths_in_a_card_are_files_first_and_patterns_then(tmp_path: Path) -> None:
    root = tmp_path / "c"
    for name in ("a[1].parquet", "a1.parquet", "b/c/d.parquet", "b/.x.parquet", "b/c2.parquet"):
        write_parquet(root / name, [row(len(name), id=name)])
    (root / "README.md").write_text(
        "---\nconfigs:\n"
        '- {config_name: exact, data_files: "a[1].parquet"}\n'
        '- {config_name: set, data_files: "a[0-9].parquet"}\n'
        '- {config_name: one, data_files: "b/*.parquet"}\n'
        '- {config_name: deep, data_files: "b/**/*.parquet"}\n'
        '- {config_name: no, data_files: ["a?.parquet"]}\n'
        "- {config_name: absent, data_files: x.parquet}\n---\n"
    )
    names = {c: [u.id for u in read(root, c)] for c in ("exact", "set", "one", "deep", "no")}
    assert names == {
        "exact": ["a[1].parquet"],
        "set": ["a1.parquet"],
        "one": ["b/c2.parquet"],
        "deep": ["b/c/d.parquet", "b/c2.parquet"],
        "no": ["a1.parquet"],
    }
    with pytest.raises(DataError, match=r"README\.md names 'x\.parquet', but there is no such"):
        read(root, "absent")


@pytest.mark.parametrize(
    "path", ["/etc", "../c2/*.parquet", "a/../../b", "https://x.org/a.parquet"]
)
def test_card_that_points_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    write_parquet(tmp_path / "c" / "a.parquet", [row(1)])
    card = f"---\nconfigs:\n- {{config_name: nl, data_files: '{path}'}}\n---\n"
    (tmp_path / "c" / "README.md").write_text(card)
    with pytest.raises(DataError, match="points out of itself"):
        read(tmp_path / "c")


@pytest.mark.parametrize(
    "front", ["configs: [", "configs: {a: b}", "configs: [{data_dir: nl}]", "configs: [7]"]
)
def test_card_that_cannot_be_read_is_told(tmp_path: Path, front: str) -> None:
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", [row(1)])
    (tmp_path / "c" / "README.md").write_text(f"---\n{front}\n---\n")
    with pytest.raises(DataError, match=r"README\.md"):
        read(tmp_path / "c")


def test_what_else_lies_in_a_corpus_does_not_matter(tmp_path: Path) -> None:
    root = tmp_path / "c"
    write_parquet(root / "nl" / "train.parquet", [row(1)])
    for name in ("sw/train.tsv", "de/x.mp3", "fr/notes.docx", "pt/broken.parquet", "stats.json"):
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_bytes(b"not what it says")
    assert [u.id for u in read(root)] == ["u1"]


def test_every_split_has_a_format_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    write_parquet(root / "train.parquet", [row(1)])
    spoken(root / "test", "a.flac")
    (root / "test" / "metadata.csv").write_text("file_name,text\na.flac,dag\n")
    with pa.OSFile(str(root / "dev.arrow"), "wb") as file:
        table = pa.Table.from_pylist([row(2)])
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    utterances = read(root.parent)
    assert [(u.split, u.text) for u in utterances] == [
        ("train", "Word 1."),
        ("validation", "Word 2."),
        ("test", "dag"),
    ]


def test_common_voice_as_it_is_downloaded(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    spoken(root / "clips", "t.mp3", "d.mp3", "e.mp3", "other.mp3")
    for name, file in (("train", "t"), ("dev", "d"), ("test", "e"), ("other", "other")):
        line = f'h1\t{file}.mp3\t"Zin {file}\t\n'
        (root / f"{name}.tsv").write_text("client_id\tpath\tsentence\taccents\n" + line)
    utterances = read(root.parent)
    assert [(u.split, u.id, u.text, u.speaker, u.problem) for u in utterances] == [
        ("train", "t.mp3", '"Zin t', "h1", None),
        ("validation", "d.mp3", '"Zin d', "h1", None),
        ("test", "e.mp3", '"Zin e', "h1", None),
    ]


def test_one_table_above_the_folders_of_all_splits(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    spoken(root, "train/a.wav", "test/a.wav", "test/b.wav")
    lines = ["file_name,text", "train/a.wav,een", "test/a.wav,twee", "test/b.wav,drie"]
    (root / "metadata.csv").write_text("\n".join([*lines, "test/c.wav,vier"]))
    utterances = read(root.parent)
    assert [(u.split, u.text, u.problem) for u in utterances] == [
        ("train", "een", None),
        ("train", "vier", "no file of its name"),
        ("test", "twee", None),
        ("test", "drie", None),
    ]


def test_format_that_is_not_read_is_named_with_those_that_are(tmp_path: Path) -> None:
    spoken(tmp_path / "c" / "nl" / "train", "a.m4a", "b.docx")
    with pytest.raises(
        DataError, match=r"its files are \.m4a; supported are Parquet, .* audio \(WAV"
    ):
        read(tmp_path / "c")


@pytest.mark.parametrize("other", ["train.csv", "train.arrow"])
def test_split_in_two_formats_is_told(tmp_path: Path, other: str) -> None:
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", [row(1)])
    (tmp_path / "c" / "nl" / other).write_text("file_name,text\n")
    with pytest.raises(DataError, match=r"more than once: in nl/train\..* and nl/train\."):
        read(tmp_path / "c")


def test_links_are_read_as_what_they_lead_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "disk"
    spoken(elsewhere, "a.wav")
    (elsewhere / "metadata.csv").write_text("file_name,text\na.wav,een\nb.wav,twee\n")
    write_parquet(tmp_path / "blob", [row(1)])
    root = tmp_path / "c" / "nl"
    root.mkdir(parents=True)
    (root / "train").symlink_to(elsewhere)
    (root / "test.parquet").symlink_to(tmp_path / "blob")
    (elsewhere / "loop").symlink_to(root)
    (elsewhere / "b.wav").symlink_to(tmp_path / "gone.wav")
    utterances = read(root.parent)
    assert [(u.split, u.text, u.problem) for u in utterances] == [
        ("train", "een", None),
        ("train", "twee", "its file is a link that leads nowhere"),
        ("test", "Word 1.", None),
    ]
    assert Folder(str(root.parent)).identity("nl")["content"]


def test_pipes_and_hidden_files_are_no_data(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    write_parquet(root / "train.parquet", [row(1)])
    os.mkfifo(root / "test.parquet")
    write_parquet(root / ".test.parquet", [row(2)])
    write_parquet(root / "__MACOSX" / "test.parquet", [row(3)])
    assert [u.split for u in read(root.parent)] == ["train"]


def test_names_that_are_no_utf8_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "c" / "nl" / "train"
    spoken(folder, "a.wav")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.wav"))).write_bytes(tone(pitch=900))
    (folder / "metadata.csv").write_text("file_name,text\na.wav,een\n")
    assert [(u.id, u.problem) for u in read(tmp_path / "c")] == [
        ("a.wav", None),
        ("\\xff.wav", "no row in metadata.csv"),
    ]
    assert Folder(str(tmp_path / "c")).identity("nl")["content"]


def test_files_on_the_hub_are_selected_by_the_same_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "published"
    spoken(root / "nl" / "train", "a [1].flac", "b.flac")
    (root / "nl" / "train" / "metadata.csv").write_text("file_name,text\na [1].flac,een\n")
    write_parquet(root / "nl" / "test.parquet", [row(1)])
    write_parquet(root / "sw" / "train.parquet", [row(2)])
    with serving(LocalHub(root), monkeypatch) as hub:
        utterances = list(Hub("google/fleurs").read("nl"))
        fetched = [path for path in hub.requests if "/sw/" in path]
    assert [(u.text, u.problem) for u in utterances] == [
        ("een", None),
        ("Word 1.", None),
        (None, "no row in metadata.csv"),
    ]
    assert not fetched


def test_label_of_a_file_is_the_name_of_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    spoken(root, "train/ja/1.wav", "train/null/1.wav", "train/test/test_0.wav", "test/ja/2.wav")
    utterances = read(root.parent, columns={"text": "label"})
    assert [(u.split, u.text) for u in utterances] == [
        ("train", "ja"),
        ("train", "null"),
        ("train", "test"),
        ("test", "ja"),
    ]
    spoken(root, "train/3.wav")
    assert [u.text for u in read(root.parent, columns={"text": "label"})].count(None) == 1
    before = Folder(str(root.parent)).identity("nl")
    (root / "train" / "ja").rename(root / "train" / "nee")
    assert Folder(str(root.parent)).identity("nl") != before


def test_card_with_one_config_leaves_folders_their_names(tmp_path: Path) -> None:
    write_card(tmp_path / "c", {"default": ["train"]})
    write_parquet(tmp_path / "c" / "default" / "train.parquet", [row(1)])
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", [row(2)])
    assert [u.id for u in read(tmp_path / "c")] == ["u2"]
