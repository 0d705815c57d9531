"""Mutated corpora: whatever is wrong with one, preparing and planning give a message or a valid
result.

A small corpus is written in one of several layouts, then its files, their bytes, names and texts,
its card, the settings that read it and its limits are changed at random, from a seed. Each is then
planned, prepared language by language, and planned again.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
import yaml
from tally import Tally

from benchmark.errors import UserError

LANGUAGES = ("aa", "bb")
ODD = [
    "",
    " ",
    "null",
    "nan",
    "1e5",
    '"',
    "een\ntwee",
    "a\rb",
    "\x00",
    "\u2028",
    "\ud800",
    "e\u0301",
    "../x.wav",
    "/etc/passwd",
    "a" * 5000,
    "[v2]",
    "::",
    "*",
    "C:\\x.wav",
    "\ufeff",
]
VALUES: list[Any] = [None, 7, 7.5, True, [], {"a": 1}, b"x", -1, 2**70, float("nan"), "text", ""]


def run(count: int, seed: int) -> Tally:
    """Try `count` corpora, each from a seed of its own."""
    tally = Tally("corpora")
    home = Path(tempfile.mkdtemp(prefix="corpora-"))
    before = os.environ.get("BENCHMARK_CACHE")
    os.environ["BENCHMARK_CACHE"] = str(home / "cache")
    try:
        for number in range(count):
            chance = Random(f"{seed}/{number}")
            folder = home / "c"
            try:
                tally.right[attempt(folder, chance)] += 1
            except Exception:
                last = traceback.format_exc().splitlines()
                tally.wrong.append(f"{seed}/{number}: {last[-1]} | {last[-3].strip()}")
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.environ.pop("BENCHMARK_CACHE")
        if before is not None:
            os.environ["BENCHMARK_CACHE"] = before
        shutil.rmtree(home, ignore_errors=True)
    return tally


def attempt(folder: Path, chance: Random) -> str:
    """What one mutated corpus came to."""
    root = folder / "corpus"
    for language in LANGUAGES:
        chance.choice(LAYOUTS)(root / language, chance)
    suite = _suite(chance)
    for _ in range(chance.randint(1, 3)):
        if _files(root):  # an earlier mutation may have taken the last one
            chance.choice(MUTATIONS)(root, suite, chance)
    path = folder / "suite.yaml"
    path.write_text(yaml.safe_dump(suite, allow_unicode=True), encoding="utf-8", errors="replace")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            return _prepared(path, folder)
        except UserError as error:
            _check_message(str(error))
            return "refused"


def _prepared(path: Path, folder: Path) -> str:
    """Plan, prepare and plan again, as a run does before it trains."""
    from benchmark.data.prepare import prepare
    from benchmark.data.prepared import Prepared
    from benchmark.plan.planner import make_plan
    from benchmark.plan.speech import Speech, missing_splits, prepared_store
    from benchmark.suite.load import load
    from benchmark.suite.matrix import matrix

    suite = load(path)
    cells = matrix(suite)
    speech = Speech.of(suite.data)
    make_plan(suite, cells, speech, "cpu")
    answers = {one.blocked for one in speech.languages.values() if one.blocked}
    failures: dict[str, str] = {}
    for name, one in speech.languages.items():
        if one.blocked:
            continue
        assert one.stage is not None
        target = folder / f"prepared-{name}"
        target.mkdir()
        try:
            prepare(suite.data.source.member, name, suite.data.limits, target)
            prepared = Prepared.open(target)
            _check(prepared, suite.data.limits.max_left_out)
            if lacking := missing_splits(suite.data, name, prepared):
                failures[name] = lacking
        except UserError as error:
            failures[name] = str(error)
    answers |= set(failures.values())
    for message in answers:
        _check_message(message)
    make_plan(suite, cells, Speech.of(suite.data, failures), "cpu")
    assert prepared_store() is not None
    return "blocked" if answers else "prepared"


def _check(prepared: Any, max_left_out: float) -> None:
    """A valid result: texts that are one line, audio that is as long as it says, all counted."""
    for utterance in prepared.utterances:
        assert utterance.text.strip(), utterance
        assert len(utterance.text.strip().splitlines()) == 1, utterance
        assert len(prepared.waveform(utterance.uid)) == round(utterance.duration * 16_000)
        assert utterance.speaker not in ("None", "nan", "7.5"), utterance
    assert sum(prepared.summary["num_utterances"].values()) == len(prepared.utterances)


def _check_message(message: str) -> None:
    assert message and "Traceback" not in message, message
    assert len(message.splitlines()) <= 3, message


def _suite(chance: Random) -> dict[str, Any]:
    return {
        "name": "mutated",
        "data": {"source": "./corpus", "train": ["aa"], "test": ["bb"], "shots": [2]},
        "models": [{"name": "conv_ctc", "channels": 8, "blocks": 1}],
        "methods": ["scratch"],
        "optimizers": ["sgd"],
        "compressions": ["none"],
        "seeds": [0],
        "budget": {"meta_train": 8, "adapt": 8},
    }


def _tone(chance: Random) -> bytes:
    time = np.arange(chance.randint(2000, 4000)) / 16_000
    file = io.BytesIO()
    kind = chance.choice(["WAV", "FLAC", "OGG"])
    soundfile.write(
        file, 0.3 * np.sin(2 * np.pi * chance.randint(200, 3000) * time), 16_000, format=kind
    )
    return file.getvalue()


def _rows(chance: Random, split: str) -> list[dict[str, Any]]:
    """Rows with `file_name`, `data`, `text` and `speaker`."""
    words = ["ba", "de", "ki", "lo", "mu", "no", "null", "true"]
    return [
        {
            "file_name": f"{split}{i}.wav",
            "data": _tone(chance),
            "text": " ".join(chance.choices(words, k=2)),
            "speaker": f"{split}-{i % 2}",
        }
        for i in range(chance.randint(3, 5))
    ]


def _parquet(folder: Path, chance: Random) -> None:
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        pq.write_table(_embedded(_rows(chance, split)), folder / f"{split}.parquet")


def _arrow(folder: Path, chance: Random) -> None:
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        table = _embedded(_rows(chance, split))
        with pa.ipc.new_stream(str(folder / f"{split}.arrow"), table.schema) as writer:
            writer.write_table(table)


def _embedded(rows: list[dict[str, Any]]) -> pa.Table:
    audio = [{"bytes": row["data"], "path": row["file_name"]} for row in rows]
    texts = {column: [row[column] for row in rows] for column in ("text", "speaker")}
    return pa.table({"audio": audio, **texts})


def _listed(folder: Path, chance: Random) -> None:
    kind = chance.choice(["csv", "tsv", "jsonl"])
    for split in ("train", "test"):
        (folder / split).mkdir(parents=True)
        rows = _rows(chance, split)
        for row in rows:
            (folder / split / row["file_name"]).write_bytes(row.pop("data"))
        if kind == "jsonl":
            lines = [json.dumps(row) for row in rows]
        else:
            mark = "," if kind == "csv" else "\t"
            lines = [mark.join(rows[0]), *(mark.join(row.values()) for row in rows)]
        (folder / split / f"metadata.{kind}").write_text("\n".join(lines))


def _common_voice(folder: Path, chance: Random) -> None:
    (folder / "clips").mkdir(parents=True)
    for split in ("train", "test"):
        lines = ["client_id\tpath\tsentence"]
        for row in _rows(chance, split):
            (folder / "clips" / row["file_name"]).write_bytes(row["data"])
            lines.append("\t".join((row["speaker"], row["file_name"], row["text"])))
        (folder / f"{split}.tsv").write_text("\n".join(lines))


def _archive(folder: Path, chance: Random) -> None:
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        with tarfile.open(folder / f"{split}-000.tar", "w") as archive:
            for i, row in enumerate(_rows(chance, split)):
                for name, data in ((f"{i}.wav", row["data"]), (f"{i}.txt", row["text"].encode())):
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))


LAYOUTS: list[Callable[[Path, Random], None]] = [_parquet, _arrow, _listed, _common_voice, _archive]


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def _flip(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(_files(root))
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 4, 64])):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _cut(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(_files(root))
    data = path.read_bytes()
    path.write_bytes(data[: chance.choice([0, 1, len(data) // 2, max(0, len(data) - 1)])])


def _splice(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(_files(root))
    data = path.read_bytes()
    at = chance.randrange(len(data) + 1)
    odd = chance.choice(ODD).encode("utf-8", "surrogatepass")
    path.write_bytes(data[:at] + odd + data[at:])


def _encode(root: Path, suite: dict[str, Any], chance: Random) -> None:
    tables = [f for f in _files(root) if f.suffix in (".csv", ".tsv", ".jsonl")]
    if tables:
        path = chance.choice(tables)
        text = path.read_bytes().decode("utf-8", "replace")
        encoding = chance.choice(["utf-16", "utf-8-sig", "latin-1", "utf-32", "utf-16-le"])
        path.write_bytes((text + "\u00e9").encode(encoding, "replace"))


def _line(root: Path, suite: dict[str, Any], chance: Random) -> None:
    tables = [f for f in _files(root) if f.suffix in (".csv", ".tsv", ".jsonl")]
    if tables:
        path = chance.choice(tables)
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        at = chance.randrange(len(lines))
        odd = chance.choice(ODD).encode("utf-8", "replace").decode()
        lines[at] = chance.choice(["", lines[at] * 2, lines[at] + "," + odd, odd, lines[0]])
        path.write_text("\n".join(lines), encoding="utf-8", newline="")


def _column(root: Path, suite: dict[str, Any], chance: Random) -> None:
    tables = [f for f in _files(root) if f.suffix == ".parquet"]
    if tables:
        path = chance.choice(tables)
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError):
            return
        if not table.column_names:  # an earlier mutation took them
            return
        name = chance.choice(table.column_names)
        value = chance.choice(VALUES)
        try:
            column = pa.array([chance.choice([value, None]) for _ in range(len(table))])
        except (pa.ArrowException, OverflowError):
            return
        index = table.column_names.index(name)
        new = chance.choice([name, name.upper(), f" {name}", "", "text", "a.b"])
        pq.write_table(table.set_column(index, new, column), path)


def _move(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(sorted(root.rglob("*")))
    name = chance.choice(
        ["eval", "dev_test", "x [v2]", ".hidden", "__x", "\udcff", "train", "a::b"]
    )
    target = path.with_name(name + path.suffix)
    if not target.exists():
        path.rename(target)


def _remove(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(sorted(root.rglob("*")))
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _link(root: Path, suite: dict[str, Any], chance: Random) -> None:
    path = chance.choice(sorted(root.rglob("*")))
    place = path.parent / f"link{len(list(path.parent.iterdir()))}"
    place.symlink_to(chance.choice([root, path, Path(place.name), Path("/none")]))


def _card(root: Path, suite: dict[str, Any], chance: Random) -> None:
    odd = chance.choice(ODD).encode("utf-8", "replace").decode()
    entry: dict[str, Any] = {
        "config_name": chance.choice(["bb", "no", odd, 7]),
        "data_files": chance.choice(["bb/*", "**", odd, [odd], {"test": "bb/*"}, 7, None, [{}]]),
    }
    if chance.random() < 0.3:
        entry["data_dir"] = chance.choice(["bb", "..", "/", odd, 7])
    front = yaml.safe_dump({"configs": chance.choice([[entry], entry, [7], "x"])})
    text = chance.choice([f"---\n{front}---\n", f"---\n{front}", "---\n[" * 50 + "\n---\n"])
    (root / "README.md").write_text(text, encoding="utf-8")


def _settings(root: Path, suite: dict[str, Any], chance: Random) -> None:
    odd = chance.choice(["", " ", "null", "a", "eval", "text", "speaker", "audio", "path", "train"])
    key, value = chance.choice(
        [
            ("columns", {chance.choice(["text", "speaker", "id", "audio", "x"]): odd}),
            ("configs", {"bb": chance.choice([odd, "aa", "default"])}),
            ("splits", {chance.choice(["train", "test", "x"]): odd}),
            ("disjoint", []),
        ]
    )
    suite["data"][key] = value


def _limits(root: Path, suite: dict[str, Any], chance: Random) -> None:
    names = ["min_seconds", "max_seconds", "max_left_out", "train", "validation", "test"]
    odd = [float("nan"), float("inf"), -1, 0, 1, 0.5, 1e300, 10**30, "x", None, True]
    suite["data"]["limits"] = {chance.choice(names): chance.choice(odd) for _ in range(2)}


MUTATIONS = [
    _flip,
    _cut,
    _splice,
    _encode,
    _line,
    _column,
    _move,
    _remove,
    _link,
    _card,
    _settings,
    _limits,
]
