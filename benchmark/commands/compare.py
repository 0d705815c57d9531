"""`compare`: the difference between two sets of results, with statistical tests."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.commands.shared.options import add_metric, add_output
from benchmark.commands.shared.output import deliver
from benchmark.errors import Exit, UserError

ORDER = 5
SUMMARY = "Compare two sets of results, or two selections of one set, utterance by utterance."
EXAMPLE = "compare results/multilingual --where method=maml --against method=joint"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The two sides and the output format."""
    parser.add_argument("a", type=Path, metavar="A", help="results folder or baseline file")
    parser.add_argument("b", type=Path, nargs="?", metavar="B", help="default: A")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="compare only the cells with this value; may be repeated",
    )
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="AXIS=VALUE",
        help="the value of B on this axis, such as method=joint; may be repeated",
    )
    add_metric(parser)
    add_output(parser, "--markdown", "as Markdown")
    add_output(parser, "--json", "every number, as JSON")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Pair the utterances of A and B by uid. With one folder, A and B are two selections of it."""
    from benchmark.evidence.compare import compare_sides
    from benchmark.evidence.show_compare import as_json, markdown, show
    from benchmark.evidence.side import load_side
    from benchmark.suite.matrix import selections

    where = selections(options.where, "--where")
    against = selections(options.against, "--against")
    if options.b is None and not against:
        raise UserError("give two results folders, or --where and --against to select from one")
    side_a = load_side(options.a)
    side_b = side_a if options.b is None else load_side(options.b)
    other = {**where, **against}
    free = [axis for axis in other if axis not in where or where[axis] != other[axis]]
    if "language" in free:
        raise UserError("--against language: two languages have no utterances in common")
    evidence = compare_sides(side_a.where(where), side_b.where(other), free, options.metric)
    if options.markdown:
        deliver(markdown(evidence), options.markdown)
    if options.json:
        deliver(as_json(evidence), options.json)
    if "-" not in (options.markdown, options.json):
        show(evidence, console)
    return Exit.OK
