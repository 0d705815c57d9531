"""The report as one HTML file that works offline: styles, scripts, figures and data inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from benchmark.board.board import CEILING
from benchmark.board.combination import Combination
from benchmark.board.ranking import Ranking
from benchmark.data.languages import name as language_name
from benchmark.report import alignment
from benchmark.report.curves import Curve
from benchmark.report.figures import Chart
from benchmark.report.sensitivity import Sensitivity
from benchmark.report.sentences.finding import Finding
from benchmark.report.settings import settings_of
from benchmark.report.shots import shots_table
from benchmark.report.spending import spending
from benchmark.report.spread import NAME as SPREAD
from benchmark.report.survival import Survival
from benchmark.report.timing import timing_rows
from benchmark.results.load import Results
from benchmark.scoring.usable import COLLAPSE_BLANKS, COLLAPSE_DELETIONS, collapsed
from benchmark.statistics.estimate import Estimate, is_known
from benchmark.text.pages import environment
from benchmark.text.provenance import command, kept_apart, machine, revision

MAX_ROWS = 15
MAX_CELLS = 2000
MAX_CEILINGS = 3


def to_html(
    results: Results,
    ranking: Ranking,
    findings: Sequence[Finding],
    guidance: Sequence[Finding],
    sensitivity: Sensitivity | None,
    curves: Sequence[Curve],
    charts: Sequence[Chart],
    pictures: dict[str, str],
    survival: Survival | None,
) -> str:
    """The text of `index.html`; `pictures` holds the SVG of each chart by name.

    Whatever comes from results is escaped by the templates; only our own SVG is marked as safe.
    """
    records = results.records
    board = ranking.board
    pictures = {name: Markup(picture) for name, picture in pictures.items()}
    rows = board.scored[:MAX_ROWS]
    rows += [pair for pair in board.scored[MAX_ROWS:] if pair[0].ceiling][:MAX_CEILINGS]
    pages = environment("benchmark.report")
    pages.filters["language"] = language_name
    return pages.get_template("index.html").render(
        suite=results.suite,
        provenance=results.provenance,
        machine=machine(results.provenance),
        revision=revision(results.provenance),
        board=board,
        findings=findings,
        guidance=guidance,
        survival=survival,
        figures=[(chart, pictures[chart.name]) for chart in charts if chart.name != SPREAD],
        sensitivity=sensitivity,
        spread=next(((chart, pictures[SPREAD]) for chart in charts if chart.name == SPREAD), None),
        spending=spending(records, board),
        curves=curves,
        curve_steps=sorted({step for curve in curves for step in curve.steps}),
        shots=shots_table(board),
        rule=ranking.rule,
        ceiling=CEILING,
        unpaired=ranking.unpaired,
        rows=[(row, error, _whisker(error, rows)) for row, error in rows],
        groups=ranking.groups,
        against_best=ranking.against_best,
        tied={row.key for row in ranking.tied},
        num_scored=len(board.scored),
        statuses=records["status"].value_counts().to_dict(),
        synthetic=sorted(set(records.loc[records["synthetic"], "language"])),
        command=command(results.provenance),
        sharing=_sharing(results),
        timings=timing_rows(results),
        failures=_failures(records),
        sample=alignment.sample(results, board),
        sample_limit=alignment.MAX_UTTERANCES,
        sample_cells=alignment.MAX_CELLS,
        settings=settings_of(records, board),
        cells=records.head(MAX_CELLS).to_dict("records"),
        collapsed=set(records.loc[collapsed(records), "cell"]),
        num_cells=len(records),
        collapse_blanks=COLLAPSE_BLANKS,
        collapse_deletions=COLLAPSE_DELETIONS,
    )


def _whisker(
    error: Estimate, rows: Sequence[tuple[Combination, Estimate]]
) -> tuple[float, ...] | None:
    """Low, rate and high of `error` in percent of the range that all `rows` span."""
    lows = [other.low for _, other in rows if is_known(other.low)]
    highs = [other.high for _, other in rows if is_known(other.high)]
    if not is_known(error.low) or not lows:
        return None
    start, span = min(lows), (max(highs) - min(lows)) or 1.0
    return tuple(100 * (value - start) / span for value in (error.low, error.rate, error.high))


def _sharing(results: Results) -> list[dict[str, Any]]:
    """Per language the largest shares of test utterances whose speaker or text was adapted on."""
    return [
        {
            "language": language,
            "apart": kept_apart(results.provenance, str(language)),
            "speakers": float(cells["shared_speakers"].max()),
            "texts": float(cells["shared_texts"].max()),
        }
        for language, cells in results.records.groupby("language", sort=False)
    ]


def _failures(records: pd.DataFrame) -> list[dict[str, Any]]:
    """Reasons for missing results, commonest first, each with its number and examples of cells."""
    failed = records[records["status"] != "ok"]
    groups = [
        {
            "status": status,
            "error": error,
            "count": len(cells),
            "cells": list(cells["cell"].head(5)),
            "methods": sorted(set(cells["method"])),
            "languages": sorted(set(cells["language"])),
        }
        for (status, error), cells in failed.groupby(["status", "error"], sort=False)
    ]
    return sorted(groups, key=lambda group: -int(group["count"]))
