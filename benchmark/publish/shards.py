"""The data of the cell pages.

A page per cell would mean 100,000 nearly equal files, and a page opened from disk may not fetch
JSON. So there is one page, cell.html#CELL. It loads the shard of its cell as a script.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.board.board import Board
from benchmark.publish.rows import parse_columns, plain_rows
from benchmark.publish.utterances import CellHypotheses

CELLS_PER_SHARD = 128


def num_shards(num_cells: int) -> int:
    """The number of files that hold the cells."""
    return -(-num_cells // CELLS_PER_SHARD)


def shard_of(cell: str, shards: int) -> int:
    """The number of the file that holds a cell, by its FNV-1a hash. The page computes it, too."""
    value = 0x811C9DC5
    for byte in cell.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value % shards


def write_shards(
    folder: Path, rows: pd.DataFrame, board: Board, hypotheses: dict[str, CellHypotheses]
) -> None:
    """Write `<number>.js` files with rows, siblings and worst utterances of their cells."""
    folder.mkdir(parents=True)
    shards = num_shards(len(rows))
    plain = list(plain_rows(rows.drop(columns="params")))
    contents: dict[int, dict[str, Any]] = defaultdict(dict)
    for combination in board.combinations:
        siblings = [
            [row["cell"], row["language"], row["seed"], row.get("error_rate")]
            for row in (plain[place] for place in combination.cells)
        ]
        for place in combination.cells:
            row = plain[place]
            cell = row["cell"]
            contents[shard_of(cell, shards)][cell] = {
                "row": parse_columns(row),
                "siblings": siblings,
                "worst": hypotheses[cell].worst if cell in hypotheses else [],
            }
    for number, cells in contents.items():
        text = f"window.SHARD[{number}] = {script_json(cells)};\n"
        (folder / f"{number}.js").write_text(text, encoding="utf-8")


def script_json(value: Any) -> str:
    """JSON that is safe inside a script: `<`, `>`, `&` and line separators are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
