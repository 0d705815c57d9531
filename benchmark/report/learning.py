"""How fast methods learn a language, drawn: error by steps of adaptation, and by its speech."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.data.episodes import SECONDS, Shots
from benchmark.errors import UserError
from benchmark.report.curves import Curve
from benchmark.report.drawing import MARKERS, canvas, color_names, cycle, dot, error_bar


def curve_figure(board: Board, curves: Sequence[Curve]) -> Figure:
    """Error against steps on an axis of log(1 + steps); a band spans the seeds."""
    figure, axes = canvas(6.6, 4.8)
    methods = board.values["method"]
    colors, markers = color_names(methods), cycle(methods, MARKERS)
    for curve in curves:
        x = [math.log1p(step) for step in curve.steps]
        color = colors[curve.method]
        low, high = ([100 * e for e in side] for side in (curve.low, curve.high))
        axes.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
        mean = [100 * e for e in curve.mean]
        axes.plot(x, mean, color=color, marker=markers[curve.method], markersize=6, linewidth=1.6)
    ticks = _apart(sorted({step for curve in curves for step in curve.steps}))
    axes.set_xticks([math.log1p(step) for step in ticks], labels=list(map(str, ticks)))
    axes.set_xlabel("optimizer steps of adaptation, on a scale of log(1 + steps)")
    axes.grid(True)
    drawn = {curve.method for curve in curves}
    _legend(figure, [method for method in methods if method in drawn], colors, markers)
    return figure


def shots_figure(board: Board, rows: Sequence[Combination]) -> Figure:
    """Error against the speech that adaptation may use: utterances and durations apart."""
    methods = [m for m in board.values["method"] if any(r.axes["method"] == m for r in rows)]
    colors, markers = (color_names(tuple(methods)), cycle(tuple(methods), MARKERS))
    panels = [panel for panel in by_unit(board.values["shots"]) if panel]
    figure = Figure(figsize=(6.6 if len(panels) == 1 else 10, 4.8), layout="constrained")
    for place, shots in enumerate(panels):
        axes = figure.add_subplot(
            1, len(panels), place + 1, sharey=figure.axes[0] if place else None
        )
        x = {name: amount(name) for name in shots}
        for index, method in enumerate(methods):
            own = [r for r in rows if r.axes["method"] == method and r.axes["shots"] in x]
            own.sort(key=lambda row: x[row.axes["shots"]])
            beside = 1.025 ** (index - (len(methods) - 1) / 2)
            points = [(x[r.axes["shots"]] * beside, r.error) for r in own if r.error]
            for at, error in points:
                error_bar(axes, at, error, colors[method], 0.8)
            axes.plot(
                [at for at, _ in points],
                [100 * error.rate for _, error in points],
                color=colors[method],
                marker=markers[method],
                linewidth=1.4,
            )
        axes.set_xscale("log")
        axes.set_xticks(list(x.values()), labels=list(x))
        axes.minorticks_off()
        unit = "utterances" if shots[0].isdigit() else "speech"
        axes.set_xlabel(f"{unit} to adapt on (logarithmic)")
        axes.grid(True)
    _legend(figure, methods, colors, markers)
    return figure


def by_unit(shots: Sequence[str]) -> tuple[list[str], list[str]]:
    """Numbers of utterances, and durations, each from little to much."""
    amounts = {name: size for name in shots if (size := amount(name)) > 0}
    ordered = sorted(amounts, key=lambda name: amounts[name])
    return [n for n in ordered if n.isdigit()], [n for n in ordered if not n.isdigit()]


def amount(shots: str) -> float:
    """Utterances, or seconds of a duration; 0 for a name that is neither."""
    try:
        parsed = Shots.parse(shots)
    except UserError:
        return 0.0
    return parsed.amount * SECONDS.get(parsed.unit, 1)


def _apart(steps: list[int]) -> list[int]:
    """Steps whose labels do not touch, the last among them."""
    kept: list[int] = []
    width = math.log1p(steps[-1]) or 1.0
    for step in reversed(steps):
        if not kept or math.log1p(kept[-1]) - math.log1p(step) > 0.05 * width:
            kept.append(step)
    return kept[::-1]


def _legend(
    figure: Figure, methods: Sequence[str], colors: dict[str, str], markers: dict[str, str]
) -> None:
    handles = [dot(colors[method], markers[method], method) for method in methods]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(len(methods), 5), fontsize=9
    )
