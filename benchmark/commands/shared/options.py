"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

DEVICES = ("auto", "cpu", "cuda")


def add_suite_options(parser: argparse.ArgumentParser) -> None:
    """Options of `run` and `plan`: changes of the suite, selection of cells, folder, device."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="A.B=C",
        help="change one setting of the suite, such as budget.adapt=500",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="keep the cells with this value, such as method=maml; may be repeated",
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="default: results"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")


def add_metric(parser: argparse.ArgumentParser) -> None:
    """The option of `compare` and `check` for the error rate to judge."""
    parser.add_argument(
        "--metric",
        choices=["own", "wer", "cer"],
        default="own",
        help="the error rate to judge (default: own, the metric of each language)",
    )


def add_output(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    """An option that writes the outcome in another format, to a file or to standard output."""
    parser.add_argument(
        name, nargs="?", const="-", metavar="FILE", help=f"{what}; without FILE, to standard output"
    )
