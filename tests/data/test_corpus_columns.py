"""Text is what is written: in every format, for every column that is mapped."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from published import row, tone

from benchmark.data.corpora.base import RawUtterance
from benchmark.data.corpora.folder import Folder
from benchmark.errors import DataError

pytestmark = pytest.mark.usefixtures("own_cache")


def read(root: Path, language: str = "nl", **settings: Any) -> list[RawUtterance]:
    return list(Folder(str(root), **settings).read(language))


def listed(root: Path, table: str, content: str | bytes, *, number: int = 3) -> Path:
    """A corpus of audio files 0.wav, 1.wav, ... and a table of this name and content."""
    folder = root / "c" / "nl" / "train"
    folder.mkdir(parents=True)
    for i in range(number):
        (folder / f"{i}.wav").write_bytes(tone(pitch=300 + i))
    data = content if isinstance(content, bytes) else content.encode()
    (folder / table).write_bytes(data)
    return root / "c"


def columnar(
    root: Path, columns: dict[str, pa.Array], features: dict[str, Any] | None = None
) -> Path:
    """A Parquet corpus with these columns beside its audio."""
    size = len(next(iter(columns.values())))
    audio = pa.array([row(i)["audio"] for i in range(size)])
    table = pa.table({"audio": audio, **columns})
    if features:
        described = json.dumps({"info": {"features": features}})
        table = table.replace_schema_metadata({"huggingface": described})
    path = root / "c" / "nl" / "train.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(table, path)
    return root / "c"


WORDS = ["null", "NA", "nan", "None", "true", "1e5", "007", "1,000", "N/A", "-inf", "2020-01-01"]


@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl", "parquet"])
def test_words_that_look_like_other_values_stay_words(tmp_path: Path, format_: str) -> None:
    names = [f"{i}.wav" for i in range(len(WORDS))]
    if format_ == "csv":
        lines = [f'{name},"{word}","{word}"' for name, word in zip(names, WORDS, strict=True)]
        content = "\n".join(["file_name,text,speaker", *lines])
    elif format_ == "tsv":
        lines = [f"{name}\t{word}\t{word}" for name, word in zip(names, WORDS, strict=True)]
        content = "\n".join(["file_name\ttext\tspeaker", *lines])
    else:
        rows = [
            {"file_name": name, "text": word, "speaker": word}
            for name, word in zip(names, WORDS, strict=True)
        ]
        content = "\n".join(map(json.dumps, rows))
    root = listed(tmp_path, f"metadata.{format_}", content, number=len(WORDS))
    if format_ == "parquet":
        file = root / "nl" / "train" / "metadata.parquet"
        pq.write_table(pa.Table.from_pylist(rows), file)
    utterances = read(root)
    assert [u.text for u in utterances] == WORDS
    assert [u.speaker for u in utterances] == WORDS
    assert all(u.audio for u in utterances)


@pytest.mark.parametrize(
    "texts",
    [
        pa.array(["een", "null", None]),
        pa.array(["een", "null", None], pa.large_string()),
        pa.array(["een", "null", None]).dictionary_encode(),
    ],
)
def test_columns_of_text_are_text_however_they_are_stored(tmp_path: Path, texts: pa.Array) -> None:
    assert [u.text for u in read(columnar(tmp_path, {"text": texts}))] == ["een", "null", None]


def test_classes_are_read_by_their_names(tmp_path: Path) -> None:
    names = ["ja", "nee", "misschien"]
    features = {"word": {"names": names, "_type": "ClassLabel"}}
    columns = {"word": pa.array([2, 0, -1, None]), "who": pa.array([1, 1, 0, 2])}
    features["who"] = {"names": ["an", "bo", "cor"], "_type": "ClassLabel"}
    root = columnar(tmp_path, columns, features)
    utterances = read(root, columns={"text": "word", "speaker": "who"})
    assert [u.text for u in utterances] == ["misschien", "ja", None, None]
    assert [u.speaker for u in utterances] == ["bo", "bo", "an", "cor"]


def test_class_without_a_name_is_told(tmp_path: Path) -> None:
    features = {"word": {"names": ["ja"], "_type": "ClassLabel"}}
    root = columnar(tmp_path, {"word": pa.array([0, 3])}, features)
    with pytest.raises(
        DataError, match=r"train\.parquet, row 2: word is 3, but its number of classes is 1"
    ):
        read(root, columns={"text": "word"})


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("text", pa.array([7, 8]), r"'text' \(text\) holds int64"),
        ("text", pa.array([True, False]), r"'text' \(text\) holds bool"),
        ("text", pa.array([b"een", b"twee"]), r"'text' \(text\) holds binary"),
        ("text", pa.array([["een"], ["twee"]]), r"'text' \(text\) holds list"),
        ("speaker", pa.array([7.0, None]), r"row 1: column 'speaker' \(speaker\) holds 7\.0"),
        ("speaker", pa.array([date(2020, 1, 1)] * 2), r"'speaker' \(speaker\) holds date32"),
        ("id", pa.array([True, False]), r"'id' \(id\) holds bool"),
    ],
)
def test_other_types_are_refused_by_column_and_type(
    tmp_path: Path, column: str, values: pa.Array, told: str
) -> None:
    columns = {"text": pa.array(["een", "twee"])} | {column: values}
    with pytest.raises(DataError, match=told):
        read(columnar(tmp_path, columns))


def test_whole_numbers_name_speakers_and_ids(tmp_path: Path) -> None:
    columns = {"text": pa.array(["een"]), "speaker": pa.array([7]), "id": pa.array([2**60])}
    utterance = read(columnar(tmp_path, columns))[0]
    assert (utterance.speaker, utterance.id) == ("7", str(2**60))


@pytest.mark.parametrize("empty", [pa.array([None, None]), pa.array([None, None], pa.float64())])
def test_column_without_a_value_is_missing_whatever_its_type(
    tmp_path: Path, empty: pa.Array
) -> None:
    columns = {"text": pa.array(["een", "twee"]), "speaker": empty}
    assert [u.speaker for u in read(columnar(tmp_path, columns))] == [None, None]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"file_name": "1.wav", "text": 7}', r"line 2: column 'text' \(text\) holds 7 \(int\)"),
        ('{"file_name": "1.wav", "text": ["a"]}', r"line 2: .* holds \['a'\] \(list\)"),
        ('{"file_name": "1.wav", "text": false}', r"line 2: .* holds False \(bool\)"),
        ('{"file_name": "1.wav", "text": "a", "text": "b"}', r"line 2: 'text' is given twice"),
        ('{"file_name": "1.wav", "text": NaN}', r"line 2: NaN is not JSON"),
        ('{"file_name": "1.wav", "text": "\\ud800"}', r"line 2: text is not text"),
        ('["1.wav", "a"]', r"line 2: a list, but an object is expected"),
        ('{"file_name": "1.wav", ', r"line 2: not JSON"),
    ],
)
def test_json_that_is_no_row_is_refused_by_its_line(tmp_path: Path, line: str, told: str) -> None:
    root = listed(tmp_path, "metadata.jsonl", '{"file_name": "0.wav", "text": "een"}\n' + line)
    with pytest.raises(DataError, match=rf"metadata\.jsonl, {told}"):
        read(root)


def test_columns_that_play_no_role_do_not_matter(tmp_path: Path) -> None:
    columns = {"text": pa.array(["een"]), "price": pa.array([b"\xff"]), "when": pa.array([1.5])}
    assert read(columnar(tmp_path, columns))[0].text == "een"
    root = listed(
        tmp_path / "b",
        "metadata.jsonl",
        '{"file_name": "0.wav", "text": "een", "n": 1}\n'
        '{"file_name": "1.wav", "text": "twee", "n": {}}',
    )
    assert [u.text for u in read(root)][:2] == ["een", "twee"]


@pytest.mark.parametrize(
    "second",
    [
        '1.wav,"hij zei,s2',  # never closed
        '1.wav,"hij" zei,s2',  # closed, and then goes on
        '1.wav,"hij zei,s2\n2.wav,dag",s3',  # closed in a later row
    ],
)
def test_quote_that_does_not_end_its_field_is_told_by_its_line(tmp_path: Path, second: str) -> None:
    root = listed(tmp_path, "metadata.csv", f"file_name,text,speaker\n0.wav,een,s1\n{second}\n")
    with pytest.raises(DataError, match=r"metadata\.csv, line 3: .*quote"):
        read(root)


def test_quotes_as_csv_writes_them(tmp_path: Path) -> None:
    content = 'file_name,text,speaker\n0.wav,"zei ""ja"", toch",s1\n1.wav,zei "ja" toch,s1\n'
    utterances = read(listed(tmp_path, "metadata.csv", content))
    assert [u.text for u in utterances][:2] == ['zei "ja", toch', 'zei "ja" toch']


def test_quotes_in_tsv_are_characters(tmp_path: Path) -> None:
    content = 'path\tsentence\n0.wav\t"Ja\n1.wav\tNee", zei hij\n2.wav\t"Toch"\n'
    utterances = read(listed(tmp_path, "train.tsv", content))
    assert [u.text for u in utterances] == ['"Ja', 'Nee", zei hij', '"Toch"']


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfef\x00i\x00l\x00e\x00", r"metadata\.csv is UTF-16; write it as UTF-8"),
        (b"file_name,text\n0.wav,caf\xe9\n", r"line 2: byte 0xe9 is not UTF-8"),
        (b"file_name,text\n0.wav,a\x00b\n", r"line 2: a zero byte"),
        (b"file_name,text\n0.wav,een,meer\n", r"line 2: 3 fields, where the header has 2"),
        (b"file_name,text\n0.wav\n", r"line 2: 1 fields?, where the header has 2"),
        (b"file_name,text,text\n0.wav,a,b\n", r"two columns called 'text'"),
        (b"", r"metadata\.csv is empty"),
        (b"file_name;text\n0.wav;een\n", r"its columns are file_name;text"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read(listed(tmp_path, "metadata.csv", content))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbffile_name,text\r\n0.wav,een\r\n1.wav,twee\r\n",
        b"File_Name, Text \n0.wav,een\n\n1.wav,twee",
        b",file_name,text\r0,0.wav,een\r1,1.wav,twee\r",
    ],
)
def test_ways_to_write_the_same_table(tmp_path: Path, content: bytes) -> None:
    assert [u.text for u in read(listed(tmp_path, "metadata.csv", content))][:2] == ["een", "twee"]


@pytest.mark.parametrize("break_", ["\n", "\r", "\x0b", "\u2028", "\x85"])
def test_transcript_of_two_lines_is_counted(tmp_path: Path, break_: str) -> None:
    texts = pa.array([f"een{break_}twee", f"drie{break_}"])
    problems = [u.problem for u in read(columnar(tmp_path, {"text": texts}))]
    assert problems == ["a line break in its transcript", None]


def test_shards_with_other_columns_are_told(tmp_path: Path) -> None:
    root = columnar(tmp_path, {"text": pa.array(["een"]), "speaker": pa.array(["s"])})
    folder = root / "nl"
    (folder / "train.parquet").rename(folder / "train-0.parquet")
    other = pa.table({"audio": [row(9)["audio"]], "text": ["twee"]})
    pq.write_table(other, folder / "train-1.parquet")
    with pytest.raises(DataError, match=r"train-0\.parquet and nl/train-1\.parquet differ"):
        read(root)
