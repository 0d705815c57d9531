"""A stored stage that is no longer what was written counts as one that is not there."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore

KEY = "0123456789abcdef0123"
FILES = ("weights.safetensors", "hypotheses.parquet", "snapshots/3.safetensors")


def flip(path: Path, at: int = 7) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def empty(path: Path) -> None:
    path.write_bytes(b"")


HARMS: dict[str, Callable[[Path], None]] = {
    "flip": flip,
    "truncation": truncate,
    "emptying": empty,
    "removal": Path.unlink,
}


def put(store: StageStore, key: str = KEY) -> StageRecord:
    record = StageRecord(
        "adapt", key, {"kind": "adapt", "seed": 3}, facts={"wer": 0.25, "steps": 8}
    )
    with store.writing(key) as folder:
        for number, name in enumerate(FILES):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(bytes(range(number, number + 40)))
        store.put(folder, record)
    return record


@pytest.fixture
def store(tmp_path: Path) -> StageStore:
    store = StageStore(tmp_path / "stages")
    put(store)
    return store


def test_an_untouched_stage_is_there_and_its_files_may_be_used(store: StageStore) -> None:
    record = store.get(KEY)
    assert record is not None and record.files is not None
    assert set(record.files) == set(FILES)
    assert record.facts == {"wer": 0.25, "steps": 8}
    assert store.damage(KEY) is None
    assert store.open(KEY) == store.path(KEY)


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("file", FILES[:2])
def test_a_stage_with_a_damaged_file_is_missing_and_names_the_file(
    store: StageStore, file: str, harm: str
) -> None:
    HARMS[harm](store.path(KEY) / file)
    assert store.get(KEY) is None
    damage = store.damage(KEY)
    assert damage is not None
    for part in ("adapt", KEY, file):
        assert part in damage.line
    with pytest.raises(Damaged, match=file):
        store.open(KEY)


@pytest.mark.parametrize("file", FILES)
def test_a_flip_that_leaves_size_and_time_is_found_when_the_file_is_used(
    store: StageStore, file: str
) -> None:
    path = store.path(KEY) / file
    stat = path.stat()
    flip(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert store.get(KEY) is not None
    with pytest.raises(Damaged, match=f"{file} has other bytes"):
        store.open(KEY)
    assert store.open(KEY, *(name for name in FILES if name != file)) == store.path(KEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"wer": 0.25', '"wer": 0.26'),
        ('"status": "ok"', '"status": "failed"'),
        ('"seal"', '"sea1"'),
        ('"files"', '"fi1es"'),
        (f'"key": "{KEY}"', '"key": "0123456789abcdef0124"'),
        ("}", ""),
        ("{", "["),
        ('"kind": "adapt"', '"kind": 7'),
    ],
)
def test_a_record_that_was_changed_is_no_record(store: StageStore, old: str, new: str) -> None:
    path = store.path(KEY) / "stage.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert store.get(KEY) is None
    damage = store.damage(KEY)
    assert damage is not None and damage.file == "stage.json"
    assert list(store.records()) == []


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe{}", b"[]", b'"text"', b"{}", b"{" * 100_000, b'{"kind": "adapt"}', None],
)
def test_what_is_no_record_at_all_is_damage_and_no_traceback(
    store: StageStore, text: bytes | None
) -> None:
    path = store.path(KEY) / "stage.json"
    path.unlink() if text is None else path.write_bytes(text)
    assert store.get(KEY) is None
    assert store.damage(KEY) is not None


def test_a_record_without_its_files_is_damaged_but_one_of_an_earlier_version_is_taken(
    store: StageStore,
) -> None:
    path = store.path(KEY) / "stage.json"
    fields = json.loads(path.read_text())
    del fields["seal"]
    path.write_text(json.dumps(fields, indent=1))
    assert store.get(KEY) is None
    del fields["files"]
    path.write_text(json.dumps(fields, indent=1))
    empty(store.path(KEY) / FILES[0])
    record = store.get(KEY)
    assert record is not None and record.files is None


def test_a_fact_that_is_no_number_is_null_in_the_record(store: StageStore) -> None:
    record = StageRecord("time", "f" * 20, {}, facts={"energy": math.nan, "bound": [math.inf, 1.0]})
    with store.writing(record.key) as folder:
        store.put(folder, record)
    text = (store.path(record.key) / "stage.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
    stored = store.get(record.key)
    assert stored is not None
    assert stored.facts == {"energy": None, "bound": [None, 1.0]}


def test_the_record_of_another_stage_is_not_taken_for_this_one(store: StageStore) -> None:
    other = "f" * 20
    shutil.copytree(store.path(KEY), store.path(other))
    assert store.get(KEY) is not None
    damage = store.damage(other)
    assert damage is not None and KEY in damage.line


def test_snapshots_may_be_deleted_by_who_used_them(store: StageStore) -> None:
    shutil.rmtree(store.path(KEY) / "snapshots")
    assert store.get(KEY) is not None
    assert store.open(KEY) == store.path(KEY)


def test_a_copy_with_other_times_is_the_same_stage(store: StageStore, tmp_path: Path) -> None:
    copy = StageStore(tmp_path / "copy")
    shutil.copytree(store.folder, copy.folder, copy_function=shutil.copyfile)
    for path in copy.folder.rglob("*"):
        os.utime(path, (1_000_000, 1_000_000))
    assert copy.get(KEY) == store.get(KEY)


def test_a_stage_that_is_made_again_takes_the_place_of_the_damaged_one(store: StageStore) -> None:
    truncate(store.path(KEY) / FILES[0])
    put(store)
    assert store.damage(KEY) is None
    assert (store.path(KEY) / FILES[0]).stat().st_size == 40


def test_a_file_or_an_empty_folder_in_the_place_of_a_stage_is_damage(tmp_path: Path) -> None:
    store = StageStore(tmp_path)
    store.path("a").write_text("no folder")
    store.path("b").mkdir()
    store.path("c").symlink_to(tmp_path / "nowhere")
    for key in "abc":
        assert store.get(key) is None
        assert store.damage(key) is not None
        put(store, key)
        assert store.damage(key) is None


def test_a_stage_that_is_deleted_while_it_is_written_is_an_answer_of_one_line(
    store: StageStore,
) -> None:
    with pytest.raises(Damaged, match="deleted while"), store.writing("key") as folder:
        (folder / "half").write_text("half")
        shutil.rmtree(folder)
        store.put(folder, StageRecord("adapt", "key", {}))


def test_a_record_whose_line_ends_were_changed_is_damaged(store: StageStore) -> None:
    path = store.path(KEY) / "stage.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    damage = store.damage(KEY)
    assert damage is not None and damage.file == "stage.json"


def test_records_that_are_known_are_not_read_again(store: StageStore) -> None:
    known = store.get(KEY)
    assert known is not None
    put(store, "f" * 20)
    flip(store.path(KEY) / "stage.json")
    assert [record.key for record in store.records()] == ["f" * 20]
    assert [record.key for record in store.records({KEY: known})] == [KEY, "f" * 20]
