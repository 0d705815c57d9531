"""Selects results folders from several paths: `results/*` may match other folders and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmark.errors import DataError, UserError
from benchmark.results.files import BASELINE, RECORDS, STAGES


def results_folders(paths: Sequence[Path], console: Console) -> list[Path]:
    """The results folders among `paths`; each other path is reported and left out.

    Raises UserError if a path does not exist, DataError if no results folder remains.
    """
    folders = []
    for path in dict.fromkeys(paths):
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
        reason = why_not_results(path)
        if reason is None:
            folders.append(path)
        elif len(paths) == 1:
            raise DataError(f"{path}: {reason}; give a folder such as results/SUITE")
        else:
            console.print(f"left out {path}: {reason}", markup=False)
    if not folders:
        raise DataError(f"none of {len(paths)} paths is a results folder (with {RECORDS})")
    return folders


def why_not_results(path: Path) -> str | None:
    """Why a path is not a results folder; None if it is one."""
    if not path.is_dir():
        return "a file, not a results folder"
    if (path / RECORDS).exists():
        return None
    if (path / BASELINE).exists() or any(path.glob(f"*/{BASELINE}")):
        return f"it holds baselines; no {RECORDS} here"
    if any(path.glob(f"*/{RECORDS}")):
        return f"no {RECORDS} here, but in folders below it"
    if (path / STAGES).is_dir():
        return f"its run has not finished; no {RECORDS} here"
    return f"no {RECORDS} here"
