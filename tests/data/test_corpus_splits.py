"""Names of splits: one meaning or none, and what is done about those that lack."""

from __future__ import annotations

from pathlib import Path

import pytest
from published import row, tone, write_card, write_parquet

from benchmark.data.corpora.folder import Folder
from benchmark.errors import DataError
from benchmark.registry import CORPORA

pytestmark = pytest.mark.usefixtures("own_cache")


def corpus(root: Path, *names: str, card: bool = False) -> Path:
    for i, name in enumerate(names):
        write_parquet(root / "nl" / f"{name}.parquet", [row(i)])
    if card:
        write_card(root, {"nl": list(names)})
    return root


@pytest.mark.parametrize("card", [False, True])
@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("train", "test"), {"train": "train", "test": "test"}),
        (
            ("training", "valid", "testing"),
            {"training": "train", "valid": "validation", "testing": "test"},
        ),
        (("Train", "DEV", "TEST"), {"Train": "train", "DEV": "validation", "TEST": "test"}),
        (("train", "eval"), {"train": "train", "eval": None}),
        (("train", "dev_test"), {"train": "train", "dev_test": None}),
        (
            ("train", "evaluation", "val"),
            {"train": "train", "evaluation": None, "val": "validation"},
        ),
    ],
)
def test_names_that_mean_one_thing(
    tmp_path: Path, names: tuple[str, ...], splits: dict[str, str | None], card: bool
) -> None:
    assert Folder(str(corpus(tmp_path, *names, card=card))).splits_of("nl") == splits


@pytest.mark.parametrize("card", [False, True])
def test_suite_says_what_another_split_is(tmp_path: Path, card: bool) -> None:
    root = corpus(tmp_path, "train", "eval", "dev_test", card=card)
    mapped = Folder(str(root), splits={"test": "eval", "validation": "dev_test"})
    assert [(u.split, u.id) for u in mapped.read("nl")] == [
        ("train", "u0"),
        ("validation", "u2"),
        ("test", "u1"),
    ]
    plain = Folder(str(root))
    assert mapped.identity("nl") != plain.identity("nl")
    assert "splits" not in CORPORA.identity("folder", plain)["settings"]


def test_of_several_names_the_first_that_is_there_is_taken(tmp_path: Path) -> None:
    root = corpus(tmp_path, "train", "eval", "heldout")
    for names, split in ((["test", "heldout", "eval"], "heldout"), (["eval"], "eval")):
        assert Folder(str(root), splits={"test": names}).splits_of("nl")[split] == "test"


def test_split_that_is_mapped_and_not_there_is_none_of_another_name(tmp_path: Path) -> None:
    root = corpus(tmp_path, "train", "test")
    splits = Folder(str(root), splits={"test": "evl"}).splits_of("nl")
    assert splits == {"train": "train", "test": None}


def test_mapping_of_what_is_no_split_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="'tset' is not a split; the splits are train, validation, test"
    ):
        Folder(str(corpus(tmp_path, "train")), splits={"tset": "eval"}).identity("nl")


def test_two_splits_of_one_meaning_must_be_chosen_between(tmp_path: Path) -> None:
    root = corpus(tmp_path, "train", "dev", "validation")
    with pytest.raises(DataError, match=r"has dev and validation for validation; choose one"):
        Folder(str(root)).identity("nl")
    assert Folder(str(root), splits={"validation": "dev"}).splits_of("nl")["dev"] == "validation"


def test_no_known_split_lists_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"none of the splits train, validation, test; it has: eval"
    ):
        Folder(str(corpus(tmp_path, "eval", "devtest", card=True))).identity("nl")


@pytest.mark.parametrize(
    ("files", "splits"),
    [
        (["train/a", "test/a"], {"train", "test"}),
        (["data/train/a", "data/test/a"], {"train", "test"}),
        (["audio/train-clean-100/a", "audio/test-other/a"], {"train", "test"}),
        (
            ["train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"],
            {"train", "test"},
        ),
        (["data/train-0", "data/unsupervised-0"], {"train", "unsupervised"}),
        (["a", "b"], {"train"}),
        (["train_dev", "train"], {"train_dev", "train"}),
    ],
)
def test_splits_told_by_names(tmp_path: Path, files: list[str], splits: set[str]) -> None:
    assert set(Folder(str(corpus(tmp_path, *files))).splits_of("nl")) == splits


def test_names_of_audio_files_tell_no_split(tmp_path: Path) -> None:
    folder = tmp_path / "nl"
    folder.mkdir()
    names = ["test_0.wav", "train_0.wav", "dev.wav"]
    for i, name in enumerate(names):
        (folder / name).write_bytes(tone(pitch=300 + i))
    lines = ["file_name,text", *(f"{name},woord" for name in names)]
    (folder / "metadata.csv").write_text("\n".join(lines))
    assert [u.split for u in Folder(str(tmp_path)).read("nl")] == ["train"] * 3


@pytest.mark.parametrize("metadata", ["{}.csv", "metadata_{}.csv", "{}_metadata.tsv"])
def test_tables_of_splits_beside_folders_of_their_audio(tmp_path: Path, metadata: str) -> None:
    for i, split in enumerate(("train", "test")):
        folder = tmp_path / "nl" / split
        folder.mkdir(parents=True)
        (folder / "a.wav").write_bytes(tone(pitch=300 + i))
        tab = "\t" if metadata.endswith("tsv") else ","
        table = tmp_path / "nl" / metadata.format(split)
        table.write_text(f"file_name{tab}text\na.wav{tab}{split}\n")
    read = [(u.split, u.text, u.audio) for u in Folder(str(tmp_path)).read("nl")]
    assert read == [("train", "train", tone(pitch=300)), ("test", "test", tone(pitch=301))]
