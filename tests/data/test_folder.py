from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from published import row, tone, write_card, write_parquet

from benchmark.data.corpora.folder import Folder
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "corpus"
    for language in ("nl_nl", "pt"):
        write_parquet(root / language / "train.parquet", [row(1), row(2, speaker=None)])
        write_parquet(root / language / "test.parquet", [row(3)])
    write_card(root, {"nl_nl": ["train", "test"], "pt": ["train", "test"]})
    return root


def test_reads_what_the_files_hold_with_audio_still_encoded(folder: Path) -> None:
    read = list(Folder(str(folder)).read("pt"))
    assert [(u.split, u.id, u.text, u.speaker) for u in read] == [
        ("train", "u1", "Word 1.", "s1"),
        ("train", "u2", "Word 2.", None),
        ("test", "u3", "Word 3.", "s1"),
    ]
    assert read[0].audio == tone(pitch=301)


def test_reading_needs_no_torchcodec_and_identity_no_torch(folder: Path, own_cache: Path) -> None:
    code = f"""
import sys
import tarfile
from benchmark.data.corpora.folder import Folder
Folder({str(folder)!r}).identity("pt")
assert "torch" not in sys.modules
list(Folder({str(folder)!r}).read("pt"))
assert not [name for name in sys.modules if name.startswith("torchcodec")]
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_config_of_a_language_is_found_by_its_prefix(folder: Path) -> None:
    assert Folder(str(folder)).identity("nl")["config"] == "nl_nl"


def test_mapped_config_wins(folder: Path) -> None:
    assert Folder(str(folder), configs={"nl": "pt"}).identity("nl")["config"] == "pt"


def test_unknown_language_is_told_what_exists(folder: Path) -> None:
    with pytest.raises(DataError, match=r"'ptt'; did you mean 'pt'\? It has: nl_nl, pt"):
        Folder(str(folder)).identity("ptt")


def test_two_regions_of_a_language_must_be_chosen_between(tmp_path: Path) -> None:
    for config in ("pt_br", "pt_pt"):
        write_parquet(tmp_path / config / "train.parquet", [row(1)])
    write_card(tmp_path, {"pt_br": ["train"], "pt_pt": ["train"]})
    with pytest.raises(DataError, match=r"pt_br, pt_pt; choose one"):
        Folder(str(tmp_path)).identity("pt")


def test_without_a_card_every_folder_is_a_config(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    write_parquet(root / "nl" / "train.parquet", [row(1)])
    write_parquet(root / "pt" / "train.parquet", [row(2)])
    assert [u.id for u in Folder(str(root)).read("pt")] == ["u2"]


def test_audio_files_beside_their_metadata_are_read(tmp_path: Path) -> None:
    root = tmp_path / "corpus" / "nl"
    for split, number in (("train", 1), ("test", 2)):
        (root / split).mkdir(parents=True)
        (root / split / "a.flac").write_bytes(tone(pitch=number * 100, kind="FLAC"))
        (root / split / "metadata.csv").write_text("file_name,sentence\na.flac,hallo\n")
    read = list(Folder(str(root.parent)).read("nl"))
    assert [(u.split, u.id, u.text) for u in read] == [
        ("train", "a.flac", "hallo"),
        ("test", "a.flac", "hallo"),
    ]
    assert read[1].audio == tone(pitch=200, kind="FLAC")


def test_audio_outside_of_the_dataset_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(tone())
    audio = {"bytes": None, "path": str(secret)}
    write_parquet(tmp_path / "corpus" / "nl" / "train.parquet", [row(1, audio=audio)])
    assert next(Folder(str(tmp_path / "corpus")).read("nl")).audio is None


@pytest.mark.parametrize("name", ["dev", "valid", "validation"])
def test_usual_names_of_the_validation_split(tmp_path: Path, name: str) -> None:
    write_parquet(tmp_path / "c" / "nl" / f"{name}.parquet", [row(1)])
    write_card(tmp_path / "c", {"nl": [name]})
    assert [u.split for u in Folder(str(tmp_path / "c")).read("nl")] == ["validation"]


def test_mapped_columns_are_used(tmp_path: Path) -> None:
    rows = [row(1, text="spoken", raw="Written.", who=7)]
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", rows)
    corpus = Folder(str(tmp_path / "c"), columns={"text": "raw", "speaker": "who"})
    utterance = next(corpus.read("nl"))
    assert (utterance.text, utterance.speaker) == ("Written.", "7")


def test_unrecognised_text_column_lists_the_columns(tmp_path: Path) -> None:
    rows = [{"audio": row(1)["audio"], "words": "x"}]
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", rows)
    with pytest.raises(DataError, match=r"as text; its columns are audio, words.*columns: {text:"):
        list(Folder(str(tmp_path / "c")).read("nl"))


def test_corrupt_parquet_file_is_named(folder: Path) -> None:
    (folder / "pt" / "test.parquet").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(DataError, match=r"pt/test\.parquet is not a readable Parquet file"):
        list(Folder(str(folder)).read("pt"))


def test_truncated_data_page_is_named(folder: Path) -> None:
    file = folder / "pt" / "test.parquet"
    data = bytearray(file.read_bytes())
    data[4:400] = bytes(396)
    file.write_bytes(data)
    with pytest.raises(DataError, match=r"pt/test\.parquet is not a readable Parquet file"):
        list(Folder(str(folder)).read("pt"))


@pytest.mark.parametrize("make", [False, True])
def test_folder_that_is_no_corpus(tmp_path: Path, make: bool) -> None:
    root = tmp_path / "empty"
    if make:
        root.mkdir()
    with pytest.raises(DataError, match=r"not a folder|holds no data in Hub layout"):
        Folder(str(root)).identity("nl")


def test_card_that_points_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    card = (folder / "README.md").read_text().replace("pt/train", "../other/train")
    (folder / "README.md").write_text(card)
    write_parquet(tmp_path / "other" / "train.parquet", [row(1)])
    with pytest.raises(DataError, match="points out of itself"):
        Folder(str(folder)).identity("pt")


def test_identity_follows_content_and_not_place(folder: Path, tmp_path: Path) -> None:
    before = Folder(str(folder)).identity("pt")
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    assert Folder(str(moved)).identity("pt") == before
    write_parquet(moved / "nl_nl" / "test.parquet", [row(9)])
    assert Folder(str(moved)).identity("pt") == before
    write_parquet(moved / "pt" / "test.parquet", [row(9)])
    assert Folder(str(moved)).identity("pt") != before


def test_unchanged_files_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmark.data.corpora.layout import digests

    before = Folder(str(folder)).identity("pt")
    monkeypatch.setattr(digests, "_file_digest", lambda path: pytest.fail(f"{path} was read"))
    assert Folder(str(folder)).identity("pt") == before
    json.dumps(before)


def test_real_speech_reads_as_its_card_says(real_speech: Path) -> None:
    splits = [u.split for u in Folder(str(real_speech)).read("ml")]
    assert [splits.count(s) for s in ("train", "validation", "test")] == [613, 99, 183]


def test_tar_archives_of_audio_and_text_are_read(tmp_path: Path) -> None:
    root = tmp_path / "c" / "nl"
    root.mkdir(parents=True)
    with tarfile.open(root / "train-000.tar", "w") as archive:
        for name, data in (("a.flac", tone(kind="FLAC")), ("a.txt", b"hallo")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    utterance = next(Folder(str(root.parent)).read("nl"))
    assert (utterance.id, utterance.text, utterance.audio) == ("a", "hallo", tone(kind="FLAC"))


def test_column_of_names_is_no_audio(tmp_path: Path) -> None:
    write_parquet(tmp_path / "c" / "nl" / "train.parquet", [row(1, mp3="a.mp3")])
    with pytest.raises(DataError, match="'mp3' holds no encoded audio files"):
        list(Folder(str(tmp_path / "c"), columns={"audio": "mp3"}).read("nl"))
