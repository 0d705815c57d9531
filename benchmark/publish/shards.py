"""The data behind the cell pages.

A page per cell would be 100,000 files of waste, and a page opened from a disk may not fetch JSON.
So there is one page, cell.html#CELL, which loads as a script the one shard that holds its cell.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.board.board import Board
from benchmark.publish.rows import plain_rows, unpacked
from benchmark.publish.utterances import Heard

CELLS_PER_SHARD = 128


def num_shards(num_cells: int) -> int:
    """How many files the cells are spread over."""
    return -(-num_cells // CELLS_PER_SHARD)


def shard_of(cell: str, shards: int) -> int:
    """The file that holds a cell: its FNV-1a hash, which the page computes as well."""
    value = 0x811C9DC5
    for byte in cell.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value % shards


def write_shards(folder: Path, rows: pd.DataFrame, board: Board, heard: dict[str, Heard]) -> None:
    """Write `<number>.js`, each with the rows of its cells, their siblings and worst utterances."""
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
                "row": unpacked(row),
                "siblings": siblings,
                "worst": heard[cell].worst if cell in heard else [],
            }
    for number, cells in contents.items():
        text = f"window.SHARD[{number}] = {script_json(cells)};\n"
        (folder / f"{number}.js").write_text(text, encoding="utf-8")


def script_json(value: Any) -> str:
    """JSON that stays data wherever a script stands: no `<`, no line separators."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
