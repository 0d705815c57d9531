from __future__ import annotations

import errno
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from published import tone

from benchmark.data import prepare as module
from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.folder import Folder
from benchmark.data.prepare import DataLimits, prepare
from benchmark.data.prepared import Prepared
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


@dataclass(frozen=True)
class Given(Corpus):
    utterances: tuple[RawUtterance, ...]

    def identity(self, language: str) -> dict[str, Any]:
        return {"given": len(self.utterances)}

    def read(self, language: str) -> Iterator[RawUtterance]:
        return iter(self.utterances)


def raw(number: int, **fields: Any) -> RawUtterance:
    usual = {"id": str(number), "split": "train", "audio": tone(pitch=200 + number)}
    return RawUtterance(**{**usual, "text": f"Text {number}.", "speaker": "s", **fields})


def prepared(
    folder: Path, *utterances: RawUtterance, limits: DataLimits | None = None, language: str = "nl"
) -> Prepared:
    folder.mkdir()
    prepare(Given(utterances), language, limits or DataLimits(max_left_out=1), folder)
    return Prepared.open(folder)


def test_samples_and_texts_come_back(tmp_path: Path) -> None:
    speech = prepared(tmp_path / "p", raw(1), raw(2, split="test"), language="nl")
    utterance = speech.by_uid["nl/test/2"]
    assert (utterance.text, utterance.speaker, utterance.duration) == ("Text 2.", "s", 0.5)
    expected, _ = soundfile.read(io.BytesIO(tone(pitch=202)), dtype="int16")
    np.testing.assert_array_equal(speech.waveform("nl/test/2"), expected)
    assert utterance.audio_digest == hashlib.sha256(expected.tobytes()).hexdigest()
    assert [u.uid for u in speech.split("train")] == ["nl/train/1"]


def test_what_cannot_be_used_is_left_out_and_named(tmp_path: Path) -> None:
    quiet = io.BytesIO()
    soundfile.write(quiet, np.full(8000, 20, dtype=np.int16), 16_000, format="WAV")
    speech = prepared(
        tmp_path / "p",
        raw(1),
        raw(2, audio=b"noise"),
        raw(3, audio=None),
        raw(4, text=None),
        raw(5, text=" ... "),
        raw(6, audio=tone(seconds=0.05)),
        raw(7, audio=tone(seconds=21)),
        raw(8, audio=quiet.getvalue()),
    )
    assert [u.uid for u in speech.utterances] == ["nl/train/1"]
    rows = pq.read_table(tmp_path / "p" / "left_out.parquet").to_pylist()
    assert [(row["id"], row["reason"]) for row in rows] == [
        ("2", "not audio: text"),
        ("3", "no audio"),
        ("4", "no transcript"),
        ("5", "no transcript"),
        ("6", "shorter than 0.1 s"),
        ("7", "longer than 20 s"),
        ("8", "silent"),
    ]
    assert speech.summary["left_out"]["no transcript"] == 2


def test_too_much_left_out_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 of 3 .* no audio \(2\); first train/1, train/2"):
        prepared(
            tmp_path / "p", raw(1, audio=None), raw(2, audio=None), raw(3), limits=DataLimits()
        )


def test_language_without_utterances_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no utterance of nl"):
        prepared(tmp_path / "p")


def test_repeated_ids_get_a_number(tmp_path: Path) -> None:
    speech = prepared(tmp_path / "p", *(raw(n, id="7") for n in range(3)), raw(4, id="7~2"))
    assert [u.uid for u in speech.utterances] == [
        "nl/train/7",
        "nl/train/7~2",
        "nl/train/7~3",
        "nl/train/7~2~2",
    ]


def test_limits_choose_the_same_utterances_whatever_the_order(tmp_path: Path) -> None:
    utterances = [raw(n) for n in range(20)]
    limits = DataLimits(train=5)
    forward = prepared(tmp_path / "a", *utterances, limits=limits)
    backward = prepared(tmp_path / "b", *reversed(utterances), limits=limits)
    assert len(forward.utterances) == 5
    assert forward.by_uid.keys() == backward.by_uid.keys()
    assert forward.by_uid.keys() != {f"nl/train/{n}" for n in range(5)}
    fewer = prepared(tmp_path / "c", *utterances, limits=DataLimits(train=3))
    assert fewer.by_uid.keys() < forward.by_uid.keys()


@pytest.mark.parametrize(
    "change", [{"text": "Other."}, {"speaker": None}, {"split": "test"}, {"audio": tone(pitch=999)}]
)
def test_digest_follows_every_part_of_the_data(tmp_path: Path, change: dict[str, Any]) -> None:
    before = prepared(tmp_path / "a", raw(1), raw(2))
    again = prepared(tmp_path / "b", raw(1), raw(2))
    after = prepared(tmp_path / "c", raw(1), raw(2, **change))
    assert before.digest == again.digest != after.digest


def test_same_corpus_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        prepared(tmp_path / name, raw(1), raw(2, text=None))
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    prepare(
        Given((raw(1), raw(2))), "nl", DataLimits(train=2), tmp_path, lambda *at: seen.append(at)
    )
    assert seen == [(1, 2), (2, 2)]


def test_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "write_outcome", full)
    with pytest.raises(DataError, match="no space left for the speech of nl"):
        prepare(Given((raw(1),)), "nl", DataLimits(), tmp_path)


def test_folder_that_is_not_prepared_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no prepared speech"):
        Prepared.open(tmp_path)


def test_cut_audio_is_noticed(tmp_path: Path) -> None:
    prepared(tmp_path / "p", raw(1))
    audio = tmp_path / "p" / "audio.i16"
    audio.write_bytes(audio.read_bytes()[:-2])
    with pytest.raises(DataError, match="does not have the length in its manifest"):
        Prepared.open(tmp_path / "p")


def test_real_speech_is_prepared_whole(tmp_path: Path, real_speech: Path) -> None:
    prepare(Folder(str(real_speech)), "chr", DataLimits(), tmp_path)
    speech = Prepared.open(tmp_path)
    assert speech.summary["num_utterances"] == {"train": 88, "validation": 15, "test": 45}
    assert speech.summary["left_out"] == {}
    rows = pq.read_table(real_speech / "chr" / "train.parquet").to_pylist()
    for row in rows:
        stated = row["duration"]
        assert speech.by_uid[f"chr/train/{row['id']}"].duration == pytest.approx(stated, abs=0.01)
    json.dumps(speech.summary)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" * 70_028, "transcript too long for its audio: 70028 characters in 0.50 s"),
        ("ab" * 26, "transcript too long for its audio: 52 characters in 0.50 s"),
        ("a" * 26 + "b", "transcript too long for its audio: 27 characters in 0.50 s"),
        ("ab" * 25, None),
    ],
)
def test_a_transcript_that_no_frames_could_hold_is_left_out(
    tmp_path: Path, text: str, reason: str | None
) -> None:
    speech = prepared(tmp_path / "p", raw(1, text=text), raw(2))
    rows = pq.read_table(tmp_path / "p" / "left_out.parquet").to_pylist()
    assert [row["reason"] for row in rows] == ([reason] if reason else [])
    counted = {"transcript too long for its audio": 1} if reason else {}
    assert speech.summary["left_out"] == counted


def test_reasons_are_counted_by_kind(tmp_path: Path) -> None:
    wav = tone()
    speech = prepared(tmp_path / "p", raw(1), raw(2, audio=wav[:6000]), raw(3, audio=wav[:9000]))
    assert speech.summary["left_out"] == {"breaks off": 2}
    assert speech.losses == "2 of 3 utterances of nl: breaks off (2)"
