"""Small datasets in Hub layout, made of tones."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile


def tone(seconds: float = 0.5, rate: int = 16_000, pitch: float = 440, kind: str = "WAV") -> bytes:
    """An encoded tone; different pitches are different audio."""
    time = np.arange(round(seconds * rate)) / rate
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * pitch * time), rate, format=kind)
    return file.getvalue()


def row(number: int, **fields: object) -> dict[str, object]:
    """A row as published: columns id, audio, text and speaker, unless `fields` say otherwise."""
    audio = {"bytes": tone(pitch=300 + number), "path": f"{number}.wav"}
    usual = {"id": f"u{number}", "audio": audio, "text": f"Word {number}.", "speaker": "s1"}
    return {**usual, **fields}


def write_parquet(path: Path, rows: list[dict[str, object]]) -> None:
    """With the features that `datasets` writes, so that the audio column is known as audio."""
    table = pa.Table.from_pylist(rows)
    features = {"audio": {"sampling_rate": 16_000, "_type": "Audio"}}
    types = {pa.int64(): "int64", pa.string(): "string", pa.null(): "null"}
    for field in table.schema:
        if field.name != "audio":
            features[field.name] = {"dtype": types[field.type], "_type": "Value"}
    described = json.dumps({"info": {"features": features}})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"huggingface": described}), path)


def write_card(root: Path, configs: dict[str, list[str]]) -> None:
    """A dataset card with the splits of each config in `<config>/<split>.parquet`."""
    lines = ["---", "configs:"]
    for config, splits in configs.items():
        lines += [f"- config_name: {config}", "  data_files:"]
        for split in splits:
            lines += [f"  - split: {split}", f"    path: {config}/{split}.parquet"]
    root.mkdir(parents=True, exist_ok=True)
    (root / "README.md").write_text("\n".join([*lines, "---", ""]))
