"""Results folders with error counts of the test's own choosing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.results.files import UTTERANCES
from benchmark.results.write import write_records

WORDS = 10


def results(
    folder: Path,
    rates: Mapping[str, float],
    seeds: tuple[int, ...] = (0,),
    languages: tuple[str, ...] = ("nl",),
    utterances: int = 200,
    speakers: int = 20,
    luck: int = 0,
    per_word: int = 4,
    **changed: Any,
) -> Path:
    """One cell per method of `rates`, language and seed; `changed` overrides record columns.

    Utterances differ in difficulty, the same in every folder; `luck` seeds the errors,
    each of which spoils `per_word` of a word's five characters.
    """
    records, tables = [], []
    for language in languages:
        difficulty = np.random.default_rng(len(language)).uniform(0.5, 1.5, utterances)
        for method, rate in rates.items():
            for seed in seeds:
                cell = f"{method}-{language}-{seed}"
                generator = np.random.default_rng([luck, seed, *map(ord, method)])
                errors = generator.binomial(WORDS, np.clip(rate * difficulty, 0, 1))
                records.append(record(cell, method, language, seed, errors) | changed)
                tables.append(counts(cell, language, errors, speakers, per_word))
    folder.mkdir(parents=True)
    write_records(folder, records)
    pd.concat(tables).to_parquet(folder / UTTERANCES, index=False)
    corpora = [{"language": name, "digest": f"speech of {name}"} for name in languages]
    # As earlier versions wrote it, without the stamps of tables that tests go on to change.
    (folder / "provenance.json").write_text(json.dumps({"corpora": corpora}))
    return folder


def record(cell: str, method: str, language: str, seed: int, errors: Any) -> dict[str, Any]:
    total = WORDS * len(errors)
    return {
        "suite": "made",
        "cell": cell,
        "model": "net",
        "method": method,
        "outer": "adamw",
        "optimizer": "sgd",
        "compression": "none",
        "language": language,
        "shots": "10",
        "seed": seed,
        "draw": 0,
        "head": "union",
        "runtime": "torch",
        "status": "ok",
        "wer": errors.sum() / total,
        "cer": errors.sum() / total,
        "metric": "wer",
        "normaliser": "basic-1",
        "size_bytes": 1_000_000,
        "n_utterances": len(errors),
        "quality_key": f"quality-{cell}",
        "cost_key": "cost",
        "params": json.dumps({"a": 1}),
    }


def counts(cell: str, language: str, errors: Any, speakers: int, per_word: int) -> pd.DataFrame:
    number = np.arange(len(errors))
    return pd.DataFrame(
        {
            "cell": cell,
            "uid": [f"{language}/{i}" for i in number],
            "language": language,
            "speaker": [f"{language}-{i % speakers}" for i in number],
            "reference": "some words that were said",
            "hypothesis": "some words that were heard",
            "n_words": WORDS,
            "n_errors": errors,
            "n_characters": 5 * WORDS,
            "n_character_errors": per_word * errors,
        }
    )


def edit(folder: Path, change: Any) -> Path:
    """Change the records of a folder: `change` takes and returns a data frame."""
    path = folder / "records.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    return folder
