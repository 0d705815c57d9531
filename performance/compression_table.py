"""Every technique in every runtime as a Markdown table: bytes, errors, latency.

    python -m benchmark suites/compression.yaml
    python performance/compression_table.py results/compression [--characters]

Errors are compared with the uncompressed file in torch on the same utterances and seeds, bytes and
latencies with the uncompressed file of the same runtime. A model that gets nearly all words wrong
shows what compression costs only by its characters.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from benchmark.board.board import Board
from benchmark.board.build import build_board
from benchmark.board.combination import Combination
from benchmark.board.ranking import Ranking, rank
from benchmark.evidence.side import side_of
from benchmark.results.load import load
from benchmark.runtimes.base import NATIVE
from benchmark.statistics.estimate import is_known
from benchmark.text.labels import UNCOMPRESSED, value_label
from benchmark.text.words import percent, size

_STAGES = shutil.ignore_patterns("stages")


def main() -> None:
    """Print one table per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--characters", action="store_true", help="CER instead of WER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if options.characters:
            shutil.copytree(options.folder, scratch, ignore=_STAGES, dirs_exist_ok=True)
            records = pd.read_parquet(Path(scratch, "records.parquet"))
            records.assign(metric="cer").to_parquet(Path(scratch, "records.parquet"))
        _print(Path(scratch) if options.characters else options.folder)


def _print(folder: Path) -> None:
    results = load(folder)
    board = build_board(results.records)
    ranking = rank(board, lambda: side_of(results.run))
    for model in board.values["model"]:
        rows = [row for row in board.combinations if row.axes["model"] == model]
        print(f"\n**{model}**\n")
        _table(board, ranking, rows)
    for (compression, runtime, error), cells in results.records[
        results.records["status"] != "ok"
    ].groupby(["compression", "runtime", "error"]):
        print(f"\n{compression}, {runtime}: {cells['status'].iloc[0]}, {error}")


def _table(board: Board, ranking: Ranking, rows: list[Combination]) -> None:
    runtimes = [name for name in board.values["runtime"] if name]
    columns = ["bytes", "errors, points [95 %]", "latency ratio [95 %]"]
    heads = [f"{runtime}: {column}" for runtime in runtimes for column in columns]
    print("| technique | " + " | ".join(heads) + " |")
    print("|---" * (1 + len(heads)) + "|")
    scored = {(r.axes["compression"], r.axes["runtime"]): r for r in rows if r.error is not None}
    plain = scored[UNCOMPRESSED, NATIVE]
    others = [row for row in scored.values() if row is not plain]
    differences = ranking.family(plain, others)
    judged = {row.key: d for row, d in zip(others, differences, strict=True)}
    for name in board.values["compression"]:
        cells = []
        for runtime in runtimes:
            row = scored.get((name, runtime))
            if row is None:
                cells += ["", "", ""]
                continue
            difference = judged.get(row.key)
            errors = f"{difference.points} {difference.interval}".strip() if difference else ""
            if row is plain and row.error is not None:
                errors = f"{percent(row.error.rate)} %"
            cost = row.cost
            ratio = f" ({cost.size_ratio:.3f})" if is_known(cost.size_ratio) else ""
            latency = "not valid"
            if is_known(cost.latency_ratio_low):
                low, high = cost.latency_ratio_low, cost.latency_ratio_high
                latency = f"{cost.latency_ratio:.2f} [{low:.2f}, {high:.2f}]"
            cells += [size(cost.size_bytes) + ratio, errors, latency]
        print(f"| {value_label('compression', name)} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
