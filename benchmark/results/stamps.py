"""Whether the tables of a results folder are what its run wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.errors import DataError
from benchmark.results.files import PROVENANCE, RECORDS
from benchmark.store.integrity import CHANGED, GONE, fault, is_sealed, unsealed

NO_JSON = "is not valid JSON"


class Stored(NamedTuple):
    """provenance.json as it was written; one of an earlier version is not sealed."""

    value: dict[str, Any]
    is_sealed: bool


def stored_provenance(folder: Path) -> Stored:
    """Raises OSError where it cannot be read, ValueError where it is no JSON or was changed."""
    text = (folder / PROVENANCE).read_text(encoding="utf-8")
    return Stored(unsealed(text), is_sealed(text))


def damaged_tables(folder: Path) -> dict[str, str]:
    """Which files of a results folder are not what its run wrote, and what is wrong with each.

    provenance.json is sealed and holds the stamp of every table. One of an earlier version tells
    nothing of them.
    """
    try:
        stored = stored_provenance(folder)
        tables = stored.value.get("tables")
        if not stored.is_sealed:
            return {} if tables is None else {PROVENANCE: CHANGED}
        faults = {name: fault(folder / name, known, True) for name, known in (tables or {}).items()}
    except (FileNotFoundError, NotADirectoryError):
        return {PROVENANCE: GONE} if (folder / RECORDS).exists() else {}
    except json.JSONDecodeError:
        return {PROVENANCE: NO_JSON}
    except ValueError as error:
        return {PROVENANCE: CHANGED if isinstance(error, UnicodeError) else str(error)}
    return {name: reason for name, reason in faults.items() if reason}


def check_tables(folder: Path) -> None:
    """Raise DataError where a table of a results folder is not what its run wrote.

    A provenance.json that is no JSON, or not there, is left to whoever reads it.
    """
    for name, reason in damaged_tables(folder).items():
        if name == PROVENANCE and reason in (NO_JSON, GONE):
            continue
        raise DataError(f"{folder / name} {reason}.\nRun the suite again, which writes its tables.")
