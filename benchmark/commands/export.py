"""`export`: writes the model of one cell to a folder that runs without this package."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit, Unsupported, UserError

ORDER = 9
SUMMARY = "Export the model of one cell to a folder that runs without this package and torch."
EXAMPLE = "export af3bb674ab2c --to model"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The cell, the results that hold it and the output folder."""
    parser.add_argument("cell", metavar="CELL")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="a results folder, or a folder of those (default: results)",
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Write the folder and print its size and how to use it."""
    from benchmark.export.cell import finished_cell
    from benchmark.export.export import export
    from benchmark.export.shipped import sizes
    from benchmark.text.words import size

    cell = finished_cell(options.cell, options.source)
    try:
        shipped = export(cell, options.to)
    except Unsupported as error:
        raise UserError(str(error)) from None
    total = size(sum(sizes(options.to).values()))
    source = "" if cell.runtime.own_file else f", converted from the {cell.runtime_name} artefact"
    console.print(f"{options.to}: {total} for {shipped.name}{source}", markup=False)
    console.print(f"python -m benchmark transcribe {options.to} speech.wav", markup=False)
    return Exit.OK
