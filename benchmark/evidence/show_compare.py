"""Formats a comparison for people (terminal, Markdown) and for programs (JSON)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console

from benchmark.evidence.compare import Evidence
from benchmark.evidence.comparison import Comparison
from benchmark.evidence.within import LEVEL
from benchmark.finite import finite
from benchmark.scoring.usable import NOTHING_USABLE, UNUSABLE_ERROR_RATE
from benchmark.text.escape import escaped
from benchmark.text.labels import value_label
from benchmark.text.noise import noise_sentence
from benchmark.text.tables import TextTable, percent, points, probability, varying

MOST = 10


def show(evidence: Evidence, console: Console) -> None:
    """Print the table, its explanation and what was left out."""
    console.print(f"A: {evidence.a}\nB: {evidence.b}", markup=False)
    console.print(_table(evidence, brief=True).terminal())
    for line in _lines(evidence):
        console.print(line, markup=False)


def markdown(evidence: Evidence) -> str:
    """The comparison as Markdown, with more columns than `show`."""
    head = f"A: {escaped(evidence.a)}  \nB: {escaped(evidence.b)}"
    notes = "\n".join(f"- {escaped(line)}" for line in _lines(evidence))
    return f"{head}\n\n{_table(evidence, brief=False).markdown()}\n\n{notes}\n"


def as_json(evidence: Evidence) -> str:
    """All numbers as JSON; unknown ones are null."""
    return json.dumps(finite(asdict(evidence)), indent=1, ensure_ascii=False)


def outcome(comparison: Comparison) -> str:
    """The finding of a row: which side is significantly better, if it is usable."""
    if comparison.p_holm >= LEVEL:
        return "tied"
    if min(comparison.rate_a, comparison.rate_b) >= UNUSABLE_ERROR_RATE:
        return "neither usable"
    return "A better" if comparison.difference > 0 else "B better"


def _table(evidence: Evidence, brief: bool) -> TextTable:
    """The table of all rows; `brief` leaves out columns that do not fit a terminal."""
    axes = varying([row.axes for row in evidence.rows])
    rows = [
        (*(value_label(axis, row.axes[axis]) for axis in axes), *_cells(row, brief))
        for row in evidence.rows
    ]
    if len(rows) > 1 and axes:
        blank = ("",) * (len(axes) - 1)
        rows.append(("all together", *blank, *_cells(evidence.overall, brief)))
    shown = ("A", "B", "B - A, points", "p (Holm)", "finding")
    more = ("relative", "p", "p (MAPSSWE)", "detectable, points")
    return TextTable((*axes, *shown, *(() if brief else more)), tuple(rows))


def _cells(row: Comparison, brief: bool) -> tuple[str, ...]:
    shown = (
        f"{row.rate_a:.1%}",
        f"{row.rate_b:.1%}",
        points(row.difference, row.low, row.high),
        probability(row.p_holm),
        outcome(row),
    )
    if brief:
        return shown
    return (
        *shown,
        percent(row.relative, row.relative_low, row.relative_high),
        probability(row.p),
        probability(row.p_mapsswe),
        f"{100 * row.detectable:.1f}" if math.isfinite(row.detectable) else "-",
    )


def _power(detectable: float) -> str:
    if not math.isfinite(detectable):
        return "; too few utterances to compute the statistical power"
    return f"; detectable with 80 % power: differences of {100 * detectable:.1f} points or more"


def _lines(evidence: Evidence) -> Iterator[str]:
    total = evidence.overall
    if all(min(row.rate_a, row.rate_b) >= UNUSABLE_ERROR_RATE for row in evidence.rows):
        yield NOTHING_USABLE
    speakers = f"{total.num_speakers} speakers" if total.num_speakers else "speakers unknown"
    yield (
        f"{', '.join(total.languages)}: {total.num_utterances} utterances, {speakers},"
        f" {total.num_seeds_a} and {total.num_seeds_b} seeds; error rates are averaged over"
        " languages, intervals are 95 %, positive differences favour A"
    )
    change = percent(total.relative, total.relative_low, total.relative_high)
    yield (
        f"all together: {change} of A's errors, p = {probability(total.p)}, MAPSSWE"
        f" p = {probability(total.p_mapsswe)}{_power(total.detectable)}"
    )
    if evidence.noise is None:
        yield (
            "one seed per side: these are differences between two trained models; with other seeds"
            " they may change by an unknown amount"
        )
    else:
        yield noise_sentence(evidence.noise)
    for line in evidence.unpaired[:MOST]:
        yield f"not paired: {line}"
    if len(evidence.unpaired) > MOST:
        yield f"not paired: and {len(evidence.unpaired) - MOST} more"
