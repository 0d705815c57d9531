"""Baselines small enough to commit: one Parquet file, a row per cell, no audio and no text.

The counts of a cell's utterances are lists in its row, so that one file holds both tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.drafts import replace_file

if TYPE_CHECKING:
    from benchmark.evidence.side import Side

BASELINE = "baseline.parquet"
COUNTS = ("n_words", "n_errors", "n_characters", "n_character_errors")
PACKED = ("uid", "speaker", *COUNTS)
"""Columns that hold a list each: one entry per utterance."""


def save_baseline(side: Side, path: Path) -> Path:
    """Write `side` to `path`, a file or a folder that gets a baseline.parquet; returns the file."""
    target = path if path.suffix == ".parquet" else path / BASELINE
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = side.records.reset_index(drop=True)
    for name in PACKED:
        lists = [
            side.counts[cell][name].tolist() if cell in side.counts else None
            for cell in rows["cell"]
        ]
        rows[name] = pd.Series(lists, dtype=object)
    table = pa.Table.from_pandas(rows, preserve_index=False)
    replace_file(target, lambda draft: pq.write_table(table, draft, compression="zstd"))
    return target


def unpacked(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Records, and the counts of each cell that has any."""
    counts = {
        str(row["cell"]): pd.DataFrame({name: list(row[name]) for name in PACKED})
        for _, row in table.iterrows()
        if row["uid"] is not None
    }
    return table.drop(columns=list(PACKED)), counts
