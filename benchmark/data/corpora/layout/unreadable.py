"""What is wrong with files that `datasets` cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import DataError


@contextmanager
def explained(source: str, files: Sequence[Path] = ()) -> Iterator[None]:
    """Turn what `datasets` raises into a DataError that names the file that is broken."""
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{source} holds no data in Hub layout: {_first_line(error)}") from error
    except Exception as error:
        broken = next((file for file in files if not _whole(file)), None)
        if broken:
            raise DataError(f"{broken} is not a readable Parquet file") from error
        raise DataError(f"{source} cannot be read: {_first_line(error)}") from error


def _whole(file: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.suffix != ".parquet":
        return True
    try:
        for _ in pq.ParquetFile(file).iter_batches():
            pass
    except (pa.ArrowException, OSError):
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
