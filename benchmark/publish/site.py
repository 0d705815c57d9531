"""The leaderboard as a self-contained static site: pages, and data as scripts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from benchmark.board.board import CEILING, Board
from benchmark.board.combination import Combination
from benchmark.board.ranking import Ranking
from benchmark.data.languages import name as language_name
from benchmark.data.languages import script
from benchmark.errors import UserError
from benchmark.finite import finite
from benchmark.publish.merge import Merged
from benchmark.publish.schema import MEANINGS
from benchmark.publish.shards import num_shards, script_json, write_shards
from benchmark.publish.utterances import CellHypotheses
from benchmark.registry import METHODS
from benchmark.statistics.estimate import Estimate, is_known
from benchmark.text import provenance
from benchmark.text.labels import value_label
from benchmark.text.noise import noise_sentence
from benchmark.text.pages import environment

MAX_ROWS = 50
COST_DIGITS = 9
"""Significant digits of costs. The browser computes the Pareto front from them."""
COPIED = ("theme.js", "elements.js", "front.js", "plot.js", "board.js", "cell.js")
CONDENSED = ("created", "versions", "hardware", "timing_protocol", "corpora", "suite_text")
TUNED = {"tuned": "for each combination; the page of a cell shows its settings"}
"""Shown in place of the settings of a tuned method."""


@dataclass(frozen=True)
class Method:
    """The content of a method's page."""

    name: str
    file: str
    summary: str
    paper: str
    settings: dict[str, Any]
    rows: list[dict[str, Any]]
    num_scored: int
    num_cells: int
    num_failed: int


def write_site(
    folder: Path,
    merged: Merged,
    ranking: Ranking,
    rows: pd.DataFrame,
    hypotheses: dict[str, CellHypotheses],
) -> None:
    """Write all pages, styles, scripts and data into `folder`.

    Templates escape all text from results. Scripts show the JSON data as text.
    """
    board = ranking.board
    cells = rows["cell"].tolist()
    pages = environment("benchmark.publish")
    sources = [_condensed(merged, index) for index in range(len(merged.folders))]
    methods = _methods(merged, ranking, cells)
    shared = {
        "name": merged.name,
        "board": board,
        "ranking": ranking,
        "noise": noise_sentence(board.noise),
        "ceiling": CEILING,
        "root": "",
    }

    def page(path: str, template: str, **values: Any) -> None:
        text = pages.get_template(template).render({**shared, **values})
        (folder / path).write_text(text, encoding="utf-8")

    page(
        "index.html",
        "index.html",
        here="board",
        num_cells=len(rows),
        synthetic=bool(rows["synthetic"].any()),
        sources=sources,
    )
    page("cell.html", "cell.html", here="cell")
    page("fairness.html", "fairness.html", here="fairness", **_fairness(ranking, cells))
    (folder / "methods").mkdir()
    page("methods/index.html", "methods.html", here="methods", root="../", methods=methods)
    for method in methods:
        page(f"methods/{method.file}", "method.html", here="methods", root="../", method=method)
    templates = jinja2.PackageLoader("benchmark.publish")
    for name in COPIED:
        (folder / name).write_text(_source(pages, templates, name), encoding="utf-8")
    style = pages.get_template("style.css").render()
    own = _source(pages, templates, "site.css")
    (folder / "site.css").write_text(f"{style}\n{own}", encoding="utf-8")
    _write_data(folder / "data", merged, ranking, sources, rows, hypotheses)


def _source(pages: jinja2.Environment, loader: jinja2.BaseLoader, name: str) -> str:
    return loader.get_source(pages, name)[0]


def _condensed(merged: Merged, index: int) -> dict[str, Any]:
    """The provenance of a folder, as far as pages show it."""
    folder = merged.folders[index]
    return {
        "suite": folder.suite,
        "machine": merged.machines[index],
        "revision": provenance.revision(folder.provenance),
        "command": provenance.command(folder.provenance),
        **{name: folder.provenance.get(name) for name in CONDENSED},
    }


def _methods(merged: Merged, ranking: Ranking, cells: list[str]) -> list[Method]:
    methods = []
    files = {"index"}
    for name, identity in merged.members["method"].items():
        own = [c for c in ranking.board.combinations if c.axes["method"] == name]
        scored = _linked(own, ranking, cells)
        summary, paper = _describe(str(identity.get("name")))
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "method"
        while slug in files:
            slug += "-"
        files.add(slug)
        methods.append(
            Method(
                name=name,
                file=f"{slug}.html",
                summary=summary,
                paper=paper,
                settings=identity.get("settings", TUNED),
                rows=scored[:MAX_ROWS],
                num_scored=len(scored),
                num_cells=sum(len(c.cells) for c in own),
                num_failed=sum(c.num_failed for c in own),
            )
        )
    return methods


def _linked(
    combinations: Iterable[Combination], ranking: Ranking, cells: list[str]
) -> list[dict[str, Any]]:
    """Combinations that have a result, each with its tie group and one of its cells for links."""
    return [
        {"combination": c, "group": ranking.groups.get(c.key), "cell": cells[c.cells[0]]}
        for c in combinations
        if c.error
    ]


def _describe(name: str) -> tuple[str, str]:
    """Summary and paper of a method; empty for a plug-in that is not installed."""
    try:
        cls = METHODS.find(name).cls
    except UserError:
        return "", ""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0], getattr(cls, "paper", "")


def _fairness(ranking: Ranking, cells: list[str]) -> dict[str, Any]:
    board = ranking.board
    scripts = {name: script(name) or "unknown" for name in board.languages}
    rows = _linked(board.combinations, ranking, cells)
    for row in rows[:MAX_ROWS]:
        rates: dict[str, list[float]] = {}
        for language, error in row["combination"].languages.items():
            rates.setdefault(scripts[language], []).append(error.rate)
        row["scripts"] = {name: sum(values) / len(values) for name, values in rates.items()}
    return {
        "rows": rows[:MAX_ROWS],
        "num_scored": len(rows),
        "scripts": sorted(set(scripts.values())),
        "languages": [_language(board, name) for name in board.languages],
    }


def _language(board: Board, language: str) -> dict[str, Any]:
    usable = [c for c in board.combinations if language in c.usable_in and not c.ceiling]
    return {
        "id": language,
        "name": language_name(language),
        "script": script(language),
        "metric": board.metrics[language] or "wer",
        "best": min(usable, key=lambda c: c.languages[language].rate, default=None),
    }


def _write_data(
    folder: Path,
    merged: Merged,
    ranking: Ranking,
    sources: list[dict[str, Any]],
    rows: pd.DataFrame,
    hypotheses: dict[str, CellHypotheses],
) -> None:
    board = ranking.board
    write_shards(folder / "cells", rows, board, hypotheses)
    machines = list(dict.fromkeys(merged.machines))
    languages = [
        {k: v for k, v in _language(board, name).items() if k != "best"} for name in board.languages
    ]
    common = {
        "error_name": board.error_name,
        "languages": languages,
        "axes": board.varying,
        "ceiling": CEILING,
        "machines": machines,
        "shards": num_shards(len(rows)),
        "columns": MEANINGS,
        "common": merged.common,
        "members": merged.members,
        "disjoint": merged.disjoint,
        "sources": [{k: v for k, v in s.items() if k != "suite_text"} for s in sources],
    }
    _write_script(folder / "common.js", "COMMON", finite(common))
    cells, cell_languages = rows["cell"].tolist(), rows["language"].tolist()
    entries = [_entry(c, ranking, cells, cell_languages) for c in board.combinations]
    _write_script(folder / "board.js", "BOARD", entries)


def _write_script(path: Path, name: str, value: Any) -> None:
    path.write_text(f"const {name} = {script_json(value)};\n", encoding="utf-8")


def _entry(
    c: Combination, ranking: Ranking, cells: list[str], cell_languages: list[str]
) -> dict[str, Any]:
    """One combination. Its keys are short, since there may be many thousands of combinations.

    l labels, e overall error, L errors by language, s size, z size ratio, t latency by machine,
    w spread, n seeds, f failed cells, k whether it is a ceiling, c a cell of each language.
    """
    board = ranking.board
    order = {language: i for i, language in enumerate(board.languages)}
    first: dict[int, str] = {}
    for place in c.cells:
        first.setdefault(order[cell_languages[place]], cells[place])
    return {
        "l": [value_label(axis, c.axes[axis]) for axis in board.varying],
        "e": _numbers(c.error, ranking.groups.get(c.key)) if c.error else None,
        "L": {
            order[name]: _numbers(error, ranking.language_groups[name].get(c.key))
            for name, error in c.languages.items()
        },
        "s": _short(c.cost.size_bytes, COST_DIGITS),
        "z": _short(c.cost.size_ratio),
        "t": {
            machine: [_short(value, COST_DIGITS) for value in latency]
            for machine, latency in c.latency.items()
        },
        "w": _short(c.spread),
        "n": c.num_seeds,
        "f": c.num_failed,
        **({"k": 1} if c.ceiling else {}),
        "c": first,
    }


def _numbers(error: Estimate, group: int | None) -> list[float | int | None]:
    return [*map(_short, (error.rate, error.low, error.high)), group]


def _short(value: float, digits: int = 5) -> float | None:
    return float(f"{value:.{digits}g}") if is_known(value) else None
