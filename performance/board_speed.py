"""How long a board of 100,000 cells takes to publish, and how large it is.

    python performance/board_speed.py [CELLS] [FOLDER]

Writes a made-up results folder and its site into FOLDER (default: a temporary one).
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.publish.build import publication
from benchmark.publish.folder import replace_folder
from benchmark.results.write import write_provenance, write_records
from benchmark.store.identity import key

LANGUAGES = ("nl", "hi", "ja", "tr", "pt", "ta", "sw", "ar", "th", "ka")
SEEDS = (0, 1, 2)
OPTIMIZERS = ("gd", "sgd", "momentum", "adamw")
COMPRESSIONS = tuple(f"{a}+{b}" for a in ("none", "prune50", "clip") for b in ("int8", "int4"))
UTTERANCES = 10


def main() -> None:
    """Print seconds and sizes."""
    num_cells = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else scratch)
        results = _results(folder / "results/made-up", num_cells)
        began = time.perf_counter()
        found = publication([results])
        read = time.perf_counter()
        replace_folder(folder / "site", found.write)
        done = time.perf_counter()
        files = [path for path in (folder / "site").rglob("*") if path.is_file()]
        first = sum(
            (folder / "site/data" / name).stat().st_size for name in ("common.js", "board.js")
        )
        print(f"{len(found.rows)} cells, {len(found.board.combinations)} combinations")
        print(f"read and rank {read - began:.1f} s, write {done - read:.1f} s")
        print(f"{len(files)} files, {sum(p.stat().st_size for p in files) / 1e6:.0f} MB;")
        print(f"the leaderboard loads {first / 1e6:.1f} MB")


def _results(folder: Path, num_cells: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    per_method = len(OPTIMIZERS) * len(COMPRESSIONS) * len(LANGUAGES) * len(SEEDS)
    methods = [f"method{i}" for i in range(-(-num_cells // per_method))]
    axes = itertools.product(methods, OPTIMIZERS, COMPRESSIONS, LANGUAGES, SEEDS)
    rng = np.random.default_rng(0)
    records = [_record(i, *names, rng) for i, names in enumerate(itertools.islice(axes, num_cells))]
    write_records(folder, records)
    cells = np.repeat([record["cell"] for record in records], UTTERANCES)
    numbers = np.tile(np.arange(UTTERANCES), len(records))
    errors = rng.integers(0, 6, len(cells))
    table = pd.DataFrame(
        {
            "cell": cells,
            "uid": [f"test/{n:04d}" for n in numbers],
            "reference": "drie en twintig maart tweeduizend zes",
            "hypothesis": np.array(["drie twintig", "maart zes", "en", "een", "", "zes"])[errors],
            "n_words": 6,
            "n_errors": errors,
        }
    )
    table.to_parquet(folder / "utterances.parquet", index=False)
    corpora = [{"language": name, "digest": f"digest of {name}"} for name in LANGUAGES]
    write_provenance(folder, {"corpora": corpora, "hardware": {"cpu": "made up"}})
    return folder


def _record(
    index: int,
    method: str,
    optimizer: str,
    compression: str,
    language: str,
    seed: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    labels = {
        "model": "conv_ctc",
        "method": method,
        "outer": "adamw",
        "optimizer": optimizer,
        "compression": compression,
    }
    where = {"language": language, "shots": "20", "draw": 0, "head": "union", "runtime": "torch"}
    # As long as those of a real cell.
    settings = {"lr": 0.01, "clip": 1.0, "schedule": "linear", "warmup": 0.1, "steps": 5}
    params = {
        **labels,
        **where,
        "seed": str(seed),
        "settings": {a: {"name": n, "settings": settings} for a, n in labels.items()},
        "data": {"name": "synthetic", "settings": {}, "disjoint": ["speaker", "text"]},
        "budget": {"meta_train": 6000, "adapt": 1000},
    }
    rate = 0.2 + 0.6 * (int(key({"m": method, "o": optimizer})[:4], 16) / 65536)
    rate += 0.02 * LANGUAGES.index(language) + float(rng.normal(0, 0.01))
    keys = [key({"stage": i, "cell": index}) for i in range(5)]
    size = 400_000 + 1000 * COMPRESSIONS.index(compression) + 10 * (index % 97)
    return {
        "suite": "made-up",
        "cell": key(params)[:12],
        **labels,
        **where,
        "seed": seed,
        "status": "ok",
        "metric": "wer",
        "wer": rate,
        "wer_low": rate - 0.02,
        "wer_high": rate + 0.02,
        "cer": rate / 2,
        "cer_low": rate / 2 - 0.01,
        "cer_high": rate / 2 + 0.01,
        "n_utterances": UTTERANCES,
        "n_words": 6 * UTTERANCES,
        "n_errors": round(6 * UTTERANCES * rate),
        "normaliser": "basic-1",
        "size_bytes": size,
        "size_ratio": size / 1_600_000,
        "latency_p50_ms": 5 + 0.5 * COMPRESSIONS.index(compression) + 0.1 * (index % 13),
        "latency_p95_ms": 9.0,
        "latency_ratio": 1.0,
        "gradients_spent": 7000,
        "synthetic": True,
        "quality_key": keys[4],
        "device": "cpu",
        "created": "2026-11-23T18:00:00+00:00",
        "params": json.dumps(params, sort_keys=True),
        "lineage": json.dumps([{"kind": "adapt", "key": k, "content": k} for k in keys]),
    }


if __name__ == "__main__":
    main()
