"""From results folders to everything that is published, in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmark.publish.combinations import Board, gather
from benchmark.publish.merge import Merged, merge
from benchmark.publish.rows import make_rows, write_rows
from benchmark.publish.site import write_site
from benchmark.publish.utterances import Heard, read


@dataclass(frozen=True)
class Publication:
    """What was read, and what is made of it."""

    merged: Merged
    board: Board
    rows: pd.DataFrame
    heard: dict[str, Heard]

    def write(self, folder: Path) -> None:
        """Write rows and site into an empty folder."""
        write_rows(folder, self.merged, self.rows)
        write_site(folder, self.merged, self.board, self.rows, self.heard)


def publication(results: Sequence[Path]) -> Publication:
    """Read and merge results folders. Raises DataError, see `merge` and `utterances.read`."""
    merged = merge(results)
    board = gather(merged)
    heard: dict[str, Heard] = {}
    for index, folder in enumerate(merged.folders):
        own = merged.records[
            (merged.records["source"] == index) & (merged.records["status"] == "ok")
        ]
        heard |= read(folder.run, own)
    return Publication(merged, board, make_rows(merged, board, heard), heard)
