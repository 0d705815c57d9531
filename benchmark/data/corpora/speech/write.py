"""Writes one language of the synthetic corpus to disk, in the layout of a Hub dataset."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from numpy.typing import NDArray

from benchmark.data.corpora.base import SPLITS
from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.speech.sentences import digits, sentences
from benchmark.data.corpora.speech.synthesis import Synthesizer
from benchmark.data.corpora.speech.voices import Speaker, record, speakers
from benchmark.store.drafts import draft_folder
from benchmark.store.integrity import list_files

LONGEST = 3.5
"""Longest duration of a text in seconds; longer ones are replaced by the next text."""

_CARD = """---
configs:
- config_name: {language}
  data_files:
{files}
---

# Synthetic speech: {language}

Made by eSpeak NG: no human speaks here. The texts are composed from CLDR data (through Babel)
and num2words; speakers are voice variants with their own rate and pitch; light noise was added.
"""


@dataclass(frozen=True)
class Script:
    """The texts to speak: an endless generator, of which texts of `shortest` seconds or more are
    kept."""

    texts: Callable[[str, Random], Iterator[str]]
    shortest: float


PHRASES = Script(sentences, 0.8)
DIGITS = Script(digits, 0.1)


def write_language(
    folder: Path, language: str, script: Script, sizes: Mapping[str, int], seed: int
) -> None:
    """Writes `folder` with a dataset card and a Parquet file of `sizes[split]` rows per split.

    The folder appears atomically. If another process writes the same folder at the same time, the
    first to finish wins; both write the same bytes. Raises DataError if eSpeak NG fails.
    """
    with draft_folder(folder) as unfinished:
        try:
            _write(unfinished, language, script, sizes, seed)
            list_files(unfinished)
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _write(
    folder: Path, language: str, script: Script, sizes: Mapping[str, int], seed: int
) -> None:
    texts = script.texts(language, Random(f"{seed}/{language}/texts"))
    cast = speakers(language, Random(f"{seed}/{language}/speakers"))
    (folder / language).mkdir()
    with Synthesizer() as synthesizer:
        rate = synthesizer.sample_rate
        for split in SPLITS:
            voice = LANGUAGES[language].voice
            spoken = _spoken(synthesizer, voice, cast[split], texts, script.shortest)
            rows = [
                _row(f"{language}-{split}-{number:04d}", language, utterance, seed, rate)
                for number, utterance in zip(range(sizes[split]), spoken, strict=False)
            ]
            table = pa.Table.from_pylist(rows, schema=_schema(rate))
            pq.write_table(table, folder / language / f"{split}.parquet")
    files = "\n".join(f"  - split: {s}\n    path: {language}/{s}.parquet" for s in SPLITS)
    card = _CARD.format(language=language, files=files)
    (folder / "README.md").write_text(card, encoding="utf-8")


def _spoken(
    synthesizer: Synthesizer,
    voice: str,
    cast: list[Speaker],
    texts: Iterator[str],
    shortest: float,
) -> Iterator[tuple[Speaker, str, NDArray[np.int16]]]:
    """Texts of a suitable duration with their samples (T,), by each speaker in turn."""
    turns = cycle(cast)
    speaker = next(turns)
    for text in texts:
        samples = synthesizer.speak(f"{voice}+{speaker.variant}", speaker.rate, speaker.pitch, text)
        if shortest <= len(samples) / synthesizer.sample_rate <= LONGEST:
            yield speaker, text, samples
            speaker = next(turns)


def _row(
    name: str, language: str, spoken: tuple[Speaker, str, NDArray[np.int16]], seed: int, rate: int
) -> dict[str, Any]:
    speaker, text, samples = spoken
    recorded = record(samples, np.random.default_rng([seed, zlib.crc32(name.encode())]))
    file = io.BytesIO()
    soundfile.write(file, recorded, rate, format="FLAC")
    return {
        "id": name,
        "audio": {"bytes": file.getvalue(), "path": f"{name}.flac"},
        "text": text,
        "speaker": speaker.id,
        "language": language,
        "duration": len(samples) / rate,
    }


def _schema(rate: int) -> pa.Schema:
    strings = ("id", "text", "speaker", "language")
    features: dict[str, Any] = {name: {"dtype": "string", "_type": "Value"} for name in strings}
    features["audio"] = {"sampling_rate": rate, "_type": "Audio"}
    features["duration"] = {"dtype": "float32", "_type": "Value"}
    types = {
        "id": pa.string(),
        "audio": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
        "text": pa.string(),
        "speaker": pa.string(),
        "language": pa.string(),
        "duration": pa.float32(),
    }
    ordered = {name: features[name] for name in types}
    metadata = {"huggingface": json.dumps({"info": {"features": ordered}})}
    return pa.schema(list(types.items()), metadata=metadata)
