"""`publish`: the leaderboard as a static site, in a folder or on the Hub."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.errors import Exit

ORDER = 7
SUMMARY = "The leaderboard of one or more results folders as a static site, with rows for programs."
EXAMPLE = "publish results/multilingual --to site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which results, and where the site goes."""
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument(
        "--to",
        required=True,
        metavar="PLACE",
        help="a folder, hf://spaces/OWNER/NAME or hf://datasets/OWNER/NAME (token in HF_TOKEN)",
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """A failed publish leaves the previous site in place."""
    from benchmark.publish.build import publication
    from benchmark.publish.folder import replace_folder
    from benchmark.publish.hub import Target, upload
    from benchmark.results.folders import results_folders

    remote = Target.parse(options.to) if "://" in options.to else None
    found = publication(results_folders(options.results, console))
    if remote:
        place = upload(found, remote)
    else:
        replace_folder(Path(options.to), found.write)
        place = str(Path(options.to) / "index.html")
    console.print(
        f"{len(found.rows)} cells, {len(found.board.combinations)} combinations: {place}",
        markup=False,
    )
    return Exit.OK
