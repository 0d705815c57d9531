"""Results folders fit to be published: settings, lineage, utterances and provenance included."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.data.languages import metric
from benchmark.results.write import write_records
from benchmark.store.identity import key

METHODS = {"joint": 0.30, "maml": 0.29, "scratch": 0.80}
COMPRESSIONS = {"none": (0.0, 1_600_000), "int8": (0.003, 420_000)}
LANGUAGES = ("nl", "hi", "ja")
MACHINE = {"device": "cpu", "cpu": "Xeon", "cores": 2}


def write_folder(
    folder: Path,
    methods: tuple[str, ...] = tuple(METHODS),
    languages: tuple[str, ...] = LANGUAGES,
    seeds: tuple[int, ...] = (0, 1),
    failures: int = 0,
    utterances: int = 24,
    machine: dict[str, Any] | None = None,
    latency: float = 5.0,
    **common: Any,
) -> Path:
    """Write a finished run; `common` replaces settings that all its cells share."""
    folder.mkdir(parents=True)
    records, spoken = [], []
    axes = itertools.product(methods, COMPRESSIONS, languages, seeds)
    for index, (method, compression, language, seed) in enumerate(axes):
        params = settings(method, compression, language, seed) | common
        cell = key(params)[:12]
        extra, size = COMPRESSIONS[compression]
        rate = METHODS.get(method, 0.5) + extra + 0.05 * languages.index(language) + 0.01 * seed
        ok = index >= failures
        records.append(
            {
                "suite": folder.name,
                "cell": cell,
                **{k: params[k] for k in ("model", "method", "outer", "optimizer")},
                "compression": compression,
                "language": language,
                "shots": "20",
                "seed": seed,
                "draw": 0,
                "head": "union",
                "runtime": "torch",
                "status": "ok" if ok else "diverged",
                "error": None if ok else "the loss became nan",
                **(scores(rate) if ok else {}),
                "metric": metric(language),
                "normaliser": params["normaliser"],
                "size_bytes": size,
                "size_ratio": size / 1_600_000,
                "latency_p50_ms": latency + 2 * extra,
                "latency_p95_ms": latency * 1.2,
                "latency_ratio": 1.0,
                "synthetic": True,
                "quality_key": key({"quality": params}),
                "device": "cpu",
                "created": "2026-11-23T18:00:00+00:00",
                "params": json.dumps(params, sort_keys=True),
                "lineage": json.dumps([{"kind": "adapt", "key": "k", "content": "c"}]),
            }
        )
        if ok:
            spoken += [utterance(cell, language, n, rate) for n in range(utterances)]
    write_records(folder, records)
    pd.DataFrame(spoken or {"cell": []}).to_parquet(folder / "utterances.parquet", index=False)
    # As earlier versions wrote it, without the stamps of tables that tests go on to change.
    (folder / "provenance.json").write_text(json.dumps(provenance(languages, machine or MACHINE)))
    return folder


def settings(method: str, compression: str, language: str, seed: int) -> dict[str, Any]:
    """What `planner.cell_settings` makes."""
    axes = {
        "model": "conv_ctc",
        "method": method,
        "outer": "adamw",
        "optimizer": "sgd",
        "compression": compression,
    }
    return {
        **axes,
        "language": language,
        "shots": "20",
        "seed": str(seed),
        "draw": 0,
        "head": "union",
        "runtime": "torch",
        "settings": {a: {"name": n, "version": 1, "settings": {}} for a, n in axes.items()},
        "data": {
            "name": "synthetic",
            "version": 1,
            "settings": {"seed": 0},
            "train": ["de"],
            "disjoint": ["speaker", "text"],
        },
        "budget": {"meta_train": 64, "adapt": 16},
        "normaliser": "basic-1",
    }


def scores(rate: float) -> dict[str, Any]:
    low, high = rate - 0.03, rate + 0.03
    return {
        "wer": rate,
        "wer_low": low,
        "wer_high": high,
        "cer": rate,
        "cer_low": low,
        "cer_high": high,
        "n_utterances": 24,
        "n_words": 400,
        "n_errors": round(400 * rate),
    }


def utterance(cell: str, language: str, number: int, rate: float) -> dict[str, Any]:
    """Four words, of which about `rate` are not heard."""
    words = ["drie", "vier", "vijf", "zes"]
    heard = [w for i, w in enumerate(words) if (4 * number + i) * 37 % 100 >= 100 * rate]
    missed = 4 - len(heard)
    return {
        "cell": cell,
        "uid": f"{language}/{number:02d}",
        "language": language,
        "speaker": f"s{number % 6}",
        "reference": " ".join(words),
        "hypothesis": " ".join(heard),
        "n_words": 4,
        "n_errors": missed,
        "n_characters": 16,
        "n_character_errors": 4 * missed,
        "duration": 2.0,
    }


def provenance(languages: tuple[str, ...], machine: dict[str, Any]) -> dict[str, Any]:
    corpora = [
        {"language": name, "role": "test", "digest": f"digest of {name}", "synthetic": True}
        for name in languages
    ]
    return {
        "suite_text": "name: made-up\n",
        "command": ["python", "-m", "benchmark", "suite.yaml"],
        "created": "2026-11-23T18:03:11+00:00",
        "git": {"commit": "90daf2c7d41e00aa55aa", "dirty": False},
        "versions": {"torch": "2.11.0"},
        "hardware": machine,
        "corpora": corpora,
        "timing_protocol": {"threads": 1},
    }
