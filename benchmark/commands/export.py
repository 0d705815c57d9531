"""`export`: the model of one cell as a folder that runs without this package."""

from __future__ import annotations

import argparse

from rich.console import Console

from benchmark.errors import Exit, Unsupported, UserError


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Writes the folder and says what is in it."""
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
    made = "" if cell.runtime.own_file else f", made from the file of {cell.runtime_name}"
    console.print(f"{options.to}: {total} for {shipped.name}{made}", markup=False)
    console.print(f"python -m benchmark transcribe {options.to} speech.wav", markup=False)
    return Exit.OK
