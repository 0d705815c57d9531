"""A bounded sample of utterances with their alignments, for the per-utterance view."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.data.languages import name as language_name
from benchmark.data.text import normalise
from benchmark.results.load import Results
from benchmark.scoring.alignment import Step, align
from benchmark.scoring.errors import Metric

MAX_CELLS = 60
MAX_UTTERANCES = 40
MAX_CHARACTERS = 400


def sample(results: Results, board: Board) -> list[dict[str, Any]]:
    """For the best combination of each method: its first seed in every language, worst first.

    At most MAX_CELLS cells of MAX_UTTERANCES utterances each, so that the page stays small.
    """
    chosen: list[tuple[str, pd.Series[Any]]] = []
    first: dict[str, Combination] = {}
    for row, _ in board.scored:
        first.setdefault(row.axes["method"], row)
    for row in first.values():
        cells = results.records[results.records["rate"].notna()]
        for axis, value in row.axes.items():
            cells = cells[cells[axis] == value]
        for _, cell in cells.drop_duplicates("language").iterrows():
            chosen.append((board.label(row), cell))
    chosen = chosen[:MAX_CELLS]
    utterances = results.utterances([str(cell["cell"]) for _, cell in chosen])
    if utterances.empty:
        return []
    by_cell = dict(iter(utterances.groupby("cell")))
    return [
        _view(label, cell, by_cell[cell["cell"]])
        for label, cell in chosen
        if cell["cell"] in by_cell
    ]


def _view(label: str, cell: pd.Series[Any], utterances: pd.DataFrame) -> dict[str, Any]:
    language = str(cell["language"])
    metric: Metric = "cer" if cell["metric"] == "cer" else "wer"
    views = [_utterance(row, language, metric) for row in utterances.to_dict("records")]
    views.sort(key=lambda view: -view["errors"] / max(view["units"], 1))
    return {
        "label": label,
        "language": language,
        "language_name": language_name(language),
        "seed": str(cell["seed"]),
        "metric": metric.upper(),
        "rate": float(cell["rate"]),
        "low": _number(cell["low"]),
        "high": _number(cell["high"]),
        "total": len(utterances),
        "utterances": views[:MAX_UTTERANCES],
    }


def _utterance(row: dict[Any, Any], language: str, metric: Metric) -> dict[str, Any]:
    reference = str(row["reference"])[:MAX_CHARACTERS]
    hypothesis = str(row["hypothesis"] or "")[:MAX_CHARACTERS]
    spoken = normalise(reference, language)
    edits, speaker = row.get("edits"), row.get("speaker")
    kept = edits if isinstance(edits, str) else None
    steps = align(spoken, normalise(hypothesis, language), metric, kept) if spoken else []
    return {
        "uid": str(row["uid"]),
        "speaker": str(speaker) if isinstance(speaker, str) else "",
        "reference": reference,
        "hypothesis": hypothesis,
        "errors": sum(_units(step, metric) for step in steps if step[0] != "equal"),
        "units": sum(_units(step, metric) for step in steps if step[0] != "insert"),
        "seconds": _number(row.get("duration")),
        "steps": steps,
    }


def _units(step: Step, metric: str) -> int:
    """The number of words or characters in a step."""
    part = step[2] if step[0] == "insert" else step[1]
    return len(part) if metric == "cer" else len(part.split())


def _number(value: Any) -> float | None:
    return float(value) if pd.notna(value) else None
