"""`advise`: recommends a method, optimizer and compression, with the evidence."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.commands.shared.quantities import size_bytes, time_ms
from benchmark.errors import Exit
from benchmark.text.labels import value_label
from benchmark.text.tables import TextTable
from benchmark.text.words import listed, number, percent, rate, size

if TYPE_CHECKING:
    from benchmark.board.combination import Combination
    from benchmark.board.difference import Difference
    from benchmark.report.advice import Advice

ORDER = 4
SUMMARY = "Recommend a method, optimizer and compression under given limits, with the evidence."
EXAMPLE = "advise results/multilingual --max-size 5MB --max-latency 50ms --data 100"

MOST = 5


def add_options(parser: argparse.ArgumentParser) -> None:
    """The results folder, the limits of the device and the amount of target speech."""
    parser.add_argument("results", type=Path, metavar="RESULTS")
    parser.add_argument(
        "--max-size", type=size_bytes, default=math.inf, metavar="SIZE", help="such as 5MB or 800kB"
    )
    parser.add_argument(
        "--max-latency",
        type=time_ms,
        default=math.inf,
        metavar="TIME",
        help="of one utterance, 95th percentile, such as 50ms or 0.1s",
    )
    parser.add_argument(
        "--data",
        metavar="SHOTS",
        help="target speech to adapt on, such as 20 (utterances) or 10min; the nearest measured"
        " amount is used",
    )


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print the recommended combination and the evidence. Only a results folder is needed."""
    from benchmark.board.board import CEILING
    from benchmark.report.advice import DeviceLimits, advise
    from benchmark.results.load import load

    limits = DeviceLimits(options.max_size, options.max_latency)
    advice = advise(load(options.results), limits, options.data)
    board, best = advice.board, advice.best
    assert best.error is not None
    asked = (
        f", the nearest to {options.data} that was measured"
        if options.data not in (None, advice.shots)
        else ""
    )
    unit = " utterances" if advice.shots.isdigit() else ""
    console.print(f"{advice.shots}{unit} of target speech{asked}, {limits}\n", markup=False)
    console.print(f"Lowest error rate: {board.label(best)}", markup=False)
    console.print(f"  {board.error_name} {rate(best.error)}, {_cost(best)}", markup=False)
    smallest = advice.smallest
    if smallest is not best and smallest.error is not None:
        name = board.label(smallest)
        console.print(f"Smaller file without a significant loss: {name}", markup=False)
        console.print(
            f"  {board.error_name} {rate(smallest.error)}, {_cost(smallest)}", markup=False
        )
    if advice.ceiling is not None and advice.ceiling.error is not None:
        console.print(f"For reference: {board.label(advice.ceiling)}, {CEILING}", markup=False)
        console.print(f"  {board.error_name} {rate(advice.ceiling.error)}", markup=False)
    _show_choices(advice, console)
    _show_ties(advice, console)
    if advice.doubts:
        console.print("\nWhat remains undecided")
        for doubt in advice.doubts:
            console.print(f"  {doubt}", markup=False)
    console.print("\nBased on")
    for line in advice.basis:
        console.print(f"  {line}", markup=False)
    return Exit.OK


def _show_choices(advice: Advice, console: Console) -> None:
    """Print how the chosen value of each axis compares with the other values."""
    if any(advice.choices.values()):
        console.print("\nEach choice (points above the lowest, 95 % interval, Holm-corrected p)")
    for axis, rivals in advice.choices.items():
        if not rivals:
            continue
        tied = [_other(axis, row, d) for row, d in rivals if not d.significant]
        worse = [_other(axis, row, d) for row, d in rivals if d.significant]
        parts = [f"significantly better than {listed(worse)}"] if worse else []
        parts += [f"statistically tied with {listed(tied)}"] if tied else []
        name = value_label(axis, advice.best.axes[axis])
        console.print(f"  {axis}: {name}, {'; '.join(parts)}", markup=False)


def _show_ties(advice: Advice, console: Console) -> None:
    tied = [pair for pair in advice.others if not pair[1].significant]
    if not tied:
        return
    console.print(
        f"\nStatistically tied with it: {len(tied)} of the other {len(advice.others)} combinations"
        + (f" (first {MOST} shown)" if len(tied) > MOST else "")
    )
    columns = (
        "combination",
        f"{advice.board.error_name}, %",
        "\u0394 vs. lowest (points)",
        "p",
        "file",
    )
    rows = tuple(
        (
            advice.board.label(row),
            percent(row.error.rate) if row.error else "",
            f"{difference.points} {difference.interval}".strip(),
            difference.p.removeprefix("p ").removeprefix("= "),
            size(row.cost.size_bytes),
        )
        for row, difference in tied[:MOST]
    )
    console.print(TextTable(columns, rows).terminal())


def _other(axis: str, row: Combination, difference: Difference) -> str:
    name = value_label(axis, row.axes[axis])
    return (
        f"{name} ({difference.sentence.replace(' points', '')})" if difference.comparison else name
    )


def _cost(row: Combination) -> str:
    tail, median = number(row.cost.latency_p95_ms), number(row.cost.latency_p50_ms)
    latency = f"{tail} ms (95th percentile)" if tail else f"{median} ms (median)" if median else ""
    parts = [size(row.cost.size_bytes), latency]
    return ", ".join(filter(None, parts)) or "cost not measured"
