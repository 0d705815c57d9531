"""Results folders as a finished run leaves them, with made-up numbers of a realistic size."""

from __future__ import annotations

import itertools
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.results.write import write_records

METHODS = {"scratch": 0.86, "joint": 0.47, "fomaml": 0.45, "maml": 0.44, "reptile": 0.46}
COMPRESSIONS = {
    "none": (0.0, 1.0),
    "int8": (0.002, 0.262),
    "prune50": (0.06, 0.54),
    "prune50+int8": (0.063, 0.19),
}
TEXTS = {
    "nl": "de trein vertrekt om twintig over negen",
    "pt": "vinte e três de março de dois mil",
    "tr": "saat dokuzu yirmi geçe istanbul",
    "ja": "今日は三月二十三日です",
    "ar": "السَّاعَة التَّاسِعَة صَبَاحًا",
}


def write_results(
    folder: Path,
    methods: tuple[str, ...] = tuple(METHODS),
    optimizers: tuple[str, ...] = ("sgd", "adamw"),
    compressions: tuple[str, ...] = tuple(COMPRESSIONS),
    languages: tuple[str, ...] = ("nl", "pt", "tr"),
    shots: tuple[str, ...] = ("20",),
    seeds: tuple[int, ...] = (0, 1, 2),
    failures: int = 2,
    utterances: int = 12,
) -> Path:
    """Write `records.parquet`, `utterances.parquet` and `provenance.json`; return `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    rows, spoken = [], []
    axes = itertools.product(methods, optimizers, compressions, languages, shots, seeds)
    for index, (method, optimizer, compression, language, shot, seed) in enumerate(axes):
        cell = f"{method}-{optimizer}-{compression}-{language}-{shot}-{seed}"
        shared = np.random.default_rng(zlib.crc32(f"{method}{seed}".encode()))
        extra, ratio = COMPRESSIONS[compression]
        rate = METHODS[method] + extra + (0.03 if optimizer == "sgd" else 0)
        rate += 0.04 * languages.index(language) + shared.normal(0, 0.008) + rng.normal(0, 0.003)
        rate *= 1 - 0.08 * shots.index(shot)
        failed = index < failures
        metric = "cer" if language == "ja" else "wer"
        count = 0 if failed else utterances
        heard = [_utterance(cell, language, number, rate, rng) for number in range(count)]
        spoken += heard
        if heard:
            rate = sum(u["n_errors"] for u in heard) / sum(u["n_words"] for u in heard)
        rows.append(
            record(
                suite=folder.name,
                cell=cell,
                method=method,
                optimizer=optimizer,
                compression=compression,
                language=language,
                shots=shot,
                seed=seed,
                metric=metric,
                status="diverged" if failed else "ok",
                error="loss became nan at step 12 (maml, inner step 2)" if failed else None,
                rate=None if failed else rate,
                size_ratio=ratio,
                meta_train_gradients=0 if method == "scratch" else 6000,
            )
        )
    write_records(folder, rows)
    pd.DataFrame(spoken or {"cell": []}).to_parquet(folder / "utterances.parquet")
    write_provenance(folder, languages)
    return folder


def record(
    rate: float | None = 0.4, half: float = 0.022, size_ratio: float = 1.0, **columns: object
) -> dict[str, object]:
    """One row of `records.parquet`; `columns` replace what is made up here.

    A cell is named after its axes, so that no two of a table share a name.
    """
    known = rate is not None
    low, high = (max(0, rate - half), rate + half) if known else (None, None)
    row: dict[str, object] = {
        "suite": "multilingual",
        "model": "conv_ctc",
        "method": "joint",
        "optimizer": "adamw",
        "outer": "adamw",
        "compression": "none",
        "language": "nl",
        "shots": "20",
        "seed": 0,
        "draw": 0,
        "head": "grow",
        "runtime": "torch",
        "status": "ok" if known else "failed",
        "error": None,
        "metric": "wer",
        "wer": rate,
        "wer_low": low,
        "wer_high": high,
        "cer": rate / 2 if known else None,
        "cer_low": low / 2 if known else None,
        "cer_high": high / 2 if known else None,
        "n_utterances": 80,
        "n_words": 320,
        "n_errors": round(320 * rate) if known else None,
        "normaliser": "basic-1",
        "size_bytes": round(1_640_000 * size_ratio),
        "size_ratio": size_ratio,
        "parameters": 402_000,
        "nonzero_parameters": 402_000,
        "latency_p50_ms": 7.9 + 2.2 * (1 - size_ratio),
        "latency_p95_ms": 9.4,
        "latency_ratio": 1 + 0.2 * (1 - size_ratio),
        "latency_ratio_low": 0.98 + 0.2 * (1 - size_ratio),
        "latency_ratio_high": 1.02 + 0.2 * (1 - size_ratio),
        "rtfx": 380.0,
        "peak_memory_bytes": 61_000_000,
        "meta_train_seconds": 61.0,
        "meta_train_gradients": 6000,
        "meta_train_flops": 1.9e12,
        "meta_train_peak_memory_bytes": 210_000_000,
        "adapt_seconds": 8.1,
        "adapt_gradients": 1000,
        "adapt_flops": 1.6e11,
        "adapt_peak_memory_bytes": 140_000_000,
        "meta_train_stack": 1,
        "adapt_stack": 1,
        "meta_train_speech_seconds": 18_000.0,
        "adapt_speech_seconds": 3_000.0,
        "optimizer_state_bytes": 3_216_000,
        "optimizer_step_seconds": 0.0021,
        "compress_seconds": 0.1,
        "evaluate_seconds": 1.2,
        "gradients_spent": 7000,
        "blank_fraction": 0.71,
        "deletion_rate": 0.08,
        "shared_speakers": 0.0,
        "shared_texts": 0.0,
        "synthetic": True,
        "quality_key": "q" * 16,
        "cost_key": "c" * 16,
        "device": "cpu",
        "created": "2026-11-23T18:00:00+00:00",
        "params": "{}",
    }
    row |= columns
    axes = ("model", "method", "outer", "optimizer", "compression", "language", "shots", "seed")
    return {"cell": "-".join(str(row[axis]) for axis in (*axes, "draw", "head")), **row}


def _utterance(
    cell: str, language: str, number: int, rate: float, rng: np.random.Generator
) -> dict[str, Any]:
    words = TEXTS[language].split()
    heard = [word for word in words if rng.random() > rate / 2]
    heard = [word[::-1] if rng.random() < rate / 2 else word for word in heard]
    return {
        "cell": cell,
        "uid": f"{language}/test/{number:04d}",
        "language": language,
        "speaker": f"{language}-{number % 4}",
        "reference": " ".join(words),
        "hypothesis": " ".join(heard),
        "n_words": len(words),
        "n_errors": sum(a not in heard for a in words),
        "n_characters": len(words),
        "n_character_errors": sum(a not in heard for a in words),
        "duration": 2.1,
    }


def write_provenance(folder: Path, languages: tuple[str, ...] = ("nl",)) -> None:
    """Write a full `provenance.json`."""
    provenance = {
        "suite_text": "name: multilingual\ndata:\n  source: synthetic\n  test: [nl, pt, tr]\n",
        "suite_path": "suites/multilingual.yaml",
        "command": ["python", "-m", "benchmark", "suites/multilingual.yaml"],
        "created": "2026-11-23T18:03:11+00:00",
        "git": {"commit": "90daf2c7d41e00aa55aa", "dirty": True},
        "versions": {"python": "3.11.9", "torch": "2.11.0", "jiwer": "4.0.0"},
        "hardware": {"cpu": "Intel(R) Xeon(R) Processor", "cores": 2, "memory_bytes": 8e9},
        "corpora": [
            {
                "language": language,
                "role": "test",
                "synthetic": True,
                "digest": "3f9a" * 16,
                "source": "synthetic",
                "identity": {"name": "synthetic", "version": 1, "espeak": "1.52"},
                "blocked": None,
                "num_utterances": {"train": 400, "validation": 40, "test": 80},
                "seconds": {"train": 812.4, "validation": 80.1, "test": 160.2},
                "left_out": {"silent": 1},
            }
            for language in languages
        ],
        "timing_protocol": {"threads": 1, "runs": 130, "warmup": 5, "seconds": 3.0},
        "excluded": [
            {
                "where": {"method": ["maml"], "optimizer": ["gd"]},
                "reason": "no full batch inside an episode",
                "cells": 12,
            }
        ],
        "stages": {"meta_train": {"total": 15, "run": 12, "cached": 3, "failed": 1}},
        "disjoint": {language: ["speaker", "text"] for language in languages},
        "timing_noise": {"k1": [0.996, 1.003]},
        "seconds_total": 652.0,
    }
    (folder / "provenance.json").write_text(json.dumps(provenance), encoding="utf-8")
