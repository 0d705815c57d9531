"""`publish`: writes the leaderboard as a static site, to a folder or to the Hub."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit

ORDER = 7
SUMMARY = "Publish results folders as a leaderboard: a static site and machine-readable rows."
EXAMPLE = "publish results/multilingual --to site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The results folders and the destination of the site."""
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument(
        "--to",
        required=True,
        metavar="PLACE",
        help="a folder, hf://spaces/OWNER/NAME or hf://datasets/OWNER/NAME (token in HF_TOKEN)",
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Publish a site. If publishing fails, the previous site stays in place."""
    from benchmark.publish.build import build_publication
    from benchmark.publish.folder import replace_folder
    from benchmark.publish.hub import Target, upload
    from benchmark.results.folders import results_folders

    remote = Target.parse(options.to) if "://" in options.to else None
    publication = build_publication(results_folders(options.results, console))
    if remote:
        place = upload(publication, remote)
    else:
        replace_folder(Path(options.to), publication.write)
        place = str(Path(options.to) / "index.html")
    num_cells, num_combinations = len(publication.rows), len(publication.board.combinations)
    console.print(f"{num_cells} cells, {num_combinations} combinations: {place}", markup=False)
    return Exit.OK
