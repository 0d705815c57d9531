"""The suite that runs are killed in: it takes seconds, yet has every kind of stage."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile

PITCHES = {"ba": 350, "du": 700, "ki": 1400, "mo": 2800}
"""Hz by syllable."""

SUITE = """\
name: kills
data:
  source: {source}
  train: [de, es]
  test: [nl]
  shots: [6]
models: [{{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}}]
methods: [joint]
optimizers: [sgd]
compressions: [none, int8]
seeds: [0]
budget: {{meta_train: 48, adapt: 12}}
timing: {{runs: 11, warmup: 1, seconds: 0.2, batch: 2}}
"""


LOUDNESS = {"de": 0.3, "es": 0.25, "nl": 0.2}
"""Amplitude by language, since no recording may be in two of them."""


def write_corpus(folder: Path) -> Path:
    """Write three languages of tones into `folder`, and a suite over them; its path."""
    for language in LOUDNESS:
        generator = random.Random(language)
        texts = [f"{a}{b} {c}" for a in PITCHES for b in PITCHES for c in PITCHES]
        chosen = generator.sample(texts, 18)
        place = folder / "corpus" / language
        place.mkdir(parents=True)
        for split, own in (("train", chosen[:12]), ("test", chosen[12:])):
            rows = [_row(language, split, text) for text in own]
            pq.write_table(pa.Table.from_pylist(rows), place / f"{split}.parquet")
    suite = folder / "kills.yaml"
    suite.write_text(SUITE.format(source=folder / "corpus"), encoding="utf-8")
    return suite


def _row(language: str, split: str, text: str) -> dict[str, object]:
    time = np.arange(1600) / 16000
    syllables = [text[i : i + 2] for i in (0, 2, 5)]
    loud = LOUDNESS[language]
    tones = [loud * np.sin(2 * np.pi * PITCHES[syllable] * time) for syllable in syllables]
    file = io.BytesIO()
    soundfile.write(file, np.concatenate(tones), 16000, format="FLAC")
    return {
        "id": f"{split}-{text}",
        "audio": {"bytes": file.getvalue(), "path": f"{split}-{text}.flac"},
        "text": text,
        "speaker": f"{language}-{split}",
    }
