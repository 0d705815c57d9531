"""The reader of a file, by its extension."""

from __future__ import annotations

from pathlib import Path

from benchmark.data.corpora.layout.formats.archive import Tar
from benchmark.data.corpora.layout.formats.arrow import Arrow, Parquet
from benchmark.data.corpora.layout.formats.base import Table
from benchmark.data.corpora.layout.formats.delimited import Csv, Tsv
from benchmark.data.corpora.layout.formats.jsonlines import Json, JsonLines
from benchmark.data.corpora.layout.kinds import TABLES, extension

READERS: dict[str, type[Table]] = {
    "Parquet": Parquet,
    "Arrow": Arrow,
    "tar": Tar,
    "CSV": Csv,
    "TSV": Tsv,
    "JSON lines": JsonLines,
    "JSON": Json,
}


def open_table(path: Path) -> Table:
    """The reader of a file. Raises DataError for a file that cannot be read."""
    return READERS[TABLES[extension(path.name)]](path)
