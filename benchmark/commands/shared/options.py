"""Options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

DEVICES = ("auto", "cpu", "cuda")


def add_suite_options(parser: argparse.ArgumentParser) -> None:
    """How a suite is changed and where its results lie: `run` and `plan`."""
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
    """Which error rate is judged: `compare` and `check`."""
    parser.add_argument(
        "--metric",
        choices=["own", "wer", "cer"],
        default="own",
        help="the error rate to judge (default: the one that counts in each language)",
    )


def add_output(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    """An option that delivers the outcome in another form, to a file or to standard output."""
    parser.add_argument(
        name, nargs="?", const="-", metavar="FILE", help=f"{what}; without FILE, printed instead"
    )
