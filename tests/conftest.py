"""What all tests share: a cache of their own, and a tiny corpus in Hub layout."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from hypothesis import HealthCheck, settings
from quick_timing import time_at_once

# No test depends on time, and a loaded machine is slow.
settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("timeless")

REAL_SPEECH = Path(__file__).parents[1] / "../shared/data/real_speech"
SYLLABLES = {"ba": 300, "de": 500, "ki": 800, "lo": 1300, "mu": 2100, "no": 3400}
"""A tone of its own (Hz) for each syllable of the tiny corpus."""


LONGEST = ("faults", "session", "report", "tune")
"""Folders whose files take longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that at the end no worker waits for another's last file."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    patch.setenv("BENCHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def timing_at_once() -> Iterator[None]:
    """For modules that are about anything but timing: made-up timings, at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmark.execute.timing.time_artefacts", time_at_once)
        yield


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Languages aa, bb, cc: words of tones; train and test share neither speakers nor texts."""
    folder = tmp_path_factory.mktemp("tiny")
    for language in ("aa", "bb", "cc"):
        generator = np.random.default_rng(sum(map(ord, language)))
        seen: set[str] = set()
        for split, size in (("train", 24), ("test", 8)):
            rows = []
            while len(rows) < size:
                parts = generator.choice(list(SYLLABLES), size=4)
                text = "".join(parts[:2]) + " " + "".join(parts[2:])
                if text in seen:
                    continue
                seen.add(text)
                rows.append(_row(language, split, len(rows), text, parts, generator))
            (folder / language).mkdir(exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows), folder / language / f"{split}.parquet")
    configs = "".join(
        f"- config_name: {language}\n  data_files:\n"
        f"  - {{split: train, path: {language}/train.parquet}}\n"
        f"  - {{split: test, path: {language}/test.parquet}}\n"
        for language in ("aa", "bb", "cc")
    )
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    return folder


def _row(
    language: str,
    split: str,
    index: int,
    text: str,
    parts: np.ndarray,
    generator: np.random.Generator,
) -> dict[str, object]:
    time = np.arange(2400) / 16000
    tones = [0.3 * np.sin(2 * np.pi * SYLLABLES[part] * time) for part in parts]
    samples = np.concatenate(tones) + 0.01 * generator.standard_normal(2400 * len(parts))
    file = io.BytesIO()
    soundfile.write(file, samples, 16000, format="FLAC")
    return {
        "id": f"{index:03d}",
        "audio": {"bytes": file.getvalue(), "path": f"{index:03d}.flac"},
        "text": text,
        "speaker": f"{language}-{split}-{index % 3}",
    }


@pytest.fixture(scope="session")
def suite_text(tiny_corpus: Path) -> str:
    """A suite over the tiny corpus that runs in seconds."""
    return dedent(f"""\
        name: tiny
        data:
          source: {tiny_corpus}
          train: [aa, bb]
          test: [cc]
          shots: [8]
        models: [{{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}}]
        methods: [scratch, joint, {{name: fomaml, support: 4, query: 4, tasks: 2}}]
        optimizers: [sgd, adamw]
        compressions: [none, int8]
        seeds: [0]
        budget: {{meta_train: 64, adapt: 16}}
        timing: {{runs: 11, warmup: 1, seconds: 0.2, batch: 2}}
        """)


@pytest.fixture
def suite_file(tmp_path: Path, suite_text: str) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(suite_text)
    return path
