"""Checks that the tables of a results folder are unchanged since its run wrote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.errors import DataError
from benchmark.results.files import PROVENANCE, RECORDS
from benchmark.store.integrity import CHANGED, GONE, fault, is_sealed, unsealed

NO_JSON = "is not valid JSON"


class Stored(NamedTuple):
    """The content of provenance.json. Files of earlier versions are not sealed."""

    value: dict[str, Any]
    is_sealed: bool


def stored_provenance(folder: Path) -> Stored:
    """Read provenance.json. Raises OSError or, if it is not JSON or was changed, ValueError."""
    text = (folder / PROVENANCE).read_text(encoding="utf-8")
    return Stored(unsealed(text), is_sealed(text))


def damaged_tables(folder: Path) -> dict[str, str]:
    """The damaged files of a results folder, each with what is wrong.

    provenance.json is sealed and holds a stamp of every table. Files of earlier versions have no
    stamps, so their tables cannot be checked.
    """
    try:
        stored = stored_provenance(folder)
        tables = stored.value.get("tables")
        if not stored.is_sealed:
            return {} if tables is None else {PROVENANCE: CHANGED}
        faults = {
            name: fault(folder / name, expected, True) for name, expected in (tables or {}).items()
        }
    except (FileNotFoundError, NotADirectoryError):
        return {PROVENANCE: GONE} if (folder / RECORDS).exists() else {}
    except json.JSONDecodeError:
        return {PROVENANCE: NO_JSON}
    except ValueError as error:
        return {PROVENANCE: CHANGED if isinstance(error, UnicodeError) else str(error)}
    return {name: reason for name, reason in faults.items() if reason}


def check_tables(folder: Path) -> None:
    """Raise DataError if a table of a results folder is not what its run wrote.

    A provenance.json that is absent or not JSON is ignored here; its reader handles it.
    """
    for name, reason in damaged_tables(folder).items():
        if name == PROVENANCE and reason in (NO_JSON, GONE):
            continue
        raise DataError(f"{folder / name} {reason}.\nRun the suite again, which writes its tables.")
