"""The leaderboard as a static site: pages, data as scripts, nothing from elsewhere."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from benchmark.data.languages import name as language_name
from benchmark.data.languages import script
from benchmark.errors import UserError
from benchmark.finite import finite
from benchmark.publish.combinations import Board, Combination, Standing
from benchmark.publish.merge import Merged
from benchmark.publish.schema import MEANINGS
from benchmark.publish.shards import num_shards, script_json, write_shards
from benchmark.publish.utterances import Heard
from benchmark.registry import METHODS
from benchmark.scoring.usable import NOTHING_USABLE
from benchmark.statistics.estimate import is_known
from benchmark.text import provenance, words

MAX_ROWS = 50
COPIED = ("theme.js", "elements.js", "plot.js", "board.js", "cell.js")
CONDENSED = ("created", "versions", "hardware", "timing_protocol", "corpora", "suite_text")
TUNED = {"tuned": "for each combination; the settings stand with its cells"}
"""What stands for the settings of a tuned method."""


@dataclass(frozen=True)
class Method:
    """What a method's page shows."""

    name: str
    file: str
    summary: str
    paper: str
    settings: dict[str, Any]
    rows: list[dict[str, Any]]
    num_ranked: int
    num_cells: int
    num_failed: int


def write_site(
    folder: Path, merged: Merged, board: Board, rows: pd.DataFrame, heard: dict[str, Heard]
) -> None:
    """Write all pages, styles, scripts and data into `folder`.

    Whatever comes from results is escaped by the templates, or is JSON that scripts show as text.
    """
    cells = rows["cell"].tolist()
    environment = _environment()
    sources = [_condensed(merged, index) for index in range(len(merged.folders))]
    methods = _methods(merged, board, cells)
    shared = {
        "name": merged.name,
        "board": board,
        "root": "",
        "nothing_usable": "" if board.usable else NOTHING_USABLE,
    }

    def page(path: str, template: str, **values: Any) -> None:
        text = environment.get_template(template).render({**shared, **values})
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
    page("fairness.html", "fairness.html", here="fairness", **_fairness(board, cells))
    (folder / "methods").mkdir()
    page("methods/index.html", "methods.html", here="methods", root="../", methods=methods)
    for method in methods:
        page(f"methods/{method.file}", "method.html", here="methods", root="../", method=method)
    templates = jinja2.PackageLoader("benchmark.publish")
    for name in COPIED:
        (folder / name).write_text(_source(environment, templates, name), encoding="utf-8")
    style = environment.get_template("style.css").render()
    own = _source(environment, templates, "site.css")
    (folder / "site.css").write_text(f"{style}\n{own}", encoding="utf-8")
    _write_data(folder / "data", merged, board, sources, rows, heard)


def _environment() -> jinja2.Environment:
    """Templates of this package, and those of the report that both use."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader("benchmark.publish"), jinja2.PackageLoader("benchmark.report")]
        ),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        finalize=words.shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "interval": words.interval,
        "size": words.size,
    }
    return environment


def _source(environment: jinja2.Environment, loader: jinja2.BaseLoader, name: str) -> str:
    return loader.get_source(environment, name)[0]


def _condensed(merged: Merged, index: int) -> dict[str, Any]:
    folder = merged.folders[index]
    return {
        "suite": folder.suite,
        "machine": merged.machines[index],
        "revision": provenance.revision(folder.provenance),
        "command": provenance.command(folder.provenance),
        **{name: folder.provenance.get(name) for name in CONDENSED},
    }


def _methods(merged: Merged, board: Board, cells: list[str]) -> list[Method]:
    found = []
    files = {"index"}
    for name, identity in merged.members["method"].items():
        own = [c for c in board.combinations if c.axes["method"] == name]
        ranked = _linked(own, cells)
        summary, paper = _described(str(identity.get("name")))
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "method"
        while slug in files:
            slug += "-"
        files.add(slug)
        found.append(
            Method(
                name=name,
                file=f"{slug}.html",
                summary=summary,
                paper=paper,
                settings=identity.get("settings", TUNED),
                rows=ranked[:MAX_ROWS],
                num_ranked=len(ranked),
                num_cells=sum(len(c.cells) for c in own),
                num_failed=sum(c.num_failed for c in own),
            )
        )
    return found


def _linked(combinations: list[Combination], cells: list[str]) -> list[dict[str, Any]]:
    """Combinations that have a result, each with a cell to go to."""
    return [
        {"combination": c, "overall": c.overall, "cell": cells[c.cells[0]]}
        for c in combinations
        if c.overall
    ]


def _described(name: str) -> tuple[str, str]:
    """First line and paper of a method; empty where it is a plug-in that is not installed."""
    try:
        cls = METHODS.find(name).cls
    except UserError:
        return "", ""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0], getattr(cls, "paper", "")


def _fairness(board: Board, cells: list[str]) -> dict[str, Any]:
    scripts = {name: script(name) or "unknown" for name in board.languages}
    rows = _linked([c for c in board.combinations if c.overall], cells)
    for row in rows[:MAX_ROWS]:
        rates: dict[str, list[float]] = {}
        for language, standing in row["combination"].languages.items():
            rates.setdefault(scripts[language], []).append(standing.error.rate)
        row["scripts"] = {name: sum(values) / len(values) for name, values in rates.items()}
    return {
        "rows": rows[:MAX_ROWS],
        "num_ranked": len(rows),
        "scripts": sorted(set(scripts.values())),
        "languages": [_language(board, name) for name in board.languages],
    }


def _language(board: Board, language: str) -> dict[str, Any]:
    able = [
        c
        for c in board.combinations
        if language in c.languages and c.languages[language].group is not None
    ]
    return {
        "id": language,
        "name": language_name(language),
        "script": script(language),
        "metric": board.metrics[language] or "wer",
        "best": min(able, key=lambda c: c.languages[language].error.rate, default=None),
    }


def _write_data(
    folder: Path,
    merged: Merged,
    board: Board,
    sources: list[dict[str, Any]],
    rows: pd.DataFrame,
    heard: dict[str, Heard],
) -> None:
    write_shards(folder / "cells", rows, board, heard)
    machines = list(dict.fromkeys(merged.machines))
    languages = [
        {k: v for k, v in _language(board, name).items() if k != "best"} for name in board.languages
    ]
    common = {
        "error_name": board.error_name,
        "languages": languages,
        "axes": board.axes,
        "machines": machines,
        "shards": num_shards(len(rows)),
        "columns": MEANINGS,
        "common": merged.common,
        "members": merged.members,
        "disjoint": merged.disjoint,
        "sources": [{k: v for k, v in s.items() if k != "suite_text"} for s in sources],
    }
    _write_script(folder / "common.js", "COMMON", finite(common))
    cells, spoken = rows["cell"].tolist(), rows["language"].tolist()
    entries = [_entry(c, board, cells, spoken) for c in board.combinations]
    _write_script(folder / "board.js", "BOARD", entries)


def _write_script(path: Path, name: str, value: Any) -> None:
    path.write_text(f"const {name} = {script_json(value)};\n", encoding="utf-8")


def _entry(c: Combination, board: Board, cells: list[str], spoken: list[str]) -> dict[str, Any]:
    """One combination with short names, since there may be many thousands.

    l labels, e overall, L by language, s size, z size ratio, t latency by machine, w spread,
    n seeds, f failed, c a cell of each language.
    """
    order = {language: i for i, language in enumerate(board.languages)}
    first: dict[int, str] = {}
    for place in c.cells:
        first.setdefault(order[spoken[place]], cells[place])
    return {
        "l": [c.axes[axis] or "default" for axis in board.axes],
        "e": _numbers(c.overall) if c.overall else None,
        "L": {order[name]: _numbers(standing) for name, standing in c.languages.items()},
        "s": _short(c.costs["size_bytes"]),
        "z": _short(c.costs["size_ratio"]),
        "t": {machine: [_short(v) for v in values] for machine, values in c.latency.items()},
        "w": _short(c.spread),
        "n": c.num_seeds,
        "f": c.num_failed,
        "c": first,
    }


def _numbers(standing: Standing) -> list[float | int | None]:
    error = standing.error
    return [*(_short(v) for v in (error.rate, error.low, error.high)), standing.group]


def _short(value: float) -> float | None:
    return float(f"{value:.5g}") if is_known(value) else None
