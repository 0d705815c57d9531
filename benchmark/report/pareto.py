"""Error rate against a cost, with the combinations that no other beats on both axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.report.drawing import MARKERS, canvas, color_names, cycle, dot, error_bar
from benchmark.statistics.estimate import Estimate


def pareto_figure(
    board: Board,
    points: Sequence[tuple[float, Estimate, Combination]],
    front: Sequence[Combination],
) -> Figure:
    """`points` are (cost above zero, error rate, combination), at least one; `front` is numbered.

    Combinations that are not on the front are faint.
    """
    colors = color_names(board.values["method"])
    markers = cycle(board.values["compression"], MARKERS)
    figure, axes = canvas(6.6, 5.2)
    low, high = _limits([x for x, _, _ in points])
    # Methods stand side by side where files have one size.
    beside = {
        method: (high / low) ** (0.016 * (place - (len(colors) - 1) / 2))
        for place, method in enumerate(board.values["method"])
    }
    by_key = {row.key: point for point in points for row in point[2:]}
    corners = [by_key[row.key] for row in front]
    axes.step(
        [x * beside[row.axes["method"]] for x, _, row in corners],
        [100 * error.rate for _, error, _ in corners],
        where="post",
        color="#4a4f57",
        linewidth=1.2,
        linestyle="--",
        zorder=1,
    )
    on_front = {row.key for row in front}
    for x, error, row in points:
        strong = row.key in on_front
        color, place = colors[row.axes["method"]], x * beside[row.axes["method"]]
        error_bar(axes, place, error, color, 0.9 if strong else 0.25)
        axes.scatter(
            place,
            100 * error.rate,
            s=64 if strong else 30,
            color=color,
            marker=markers[row.axes["compression"]],
            edgecolor="black" if strong else "none",
            alpha=1 if strong else 0.7,
            zorder=4 if strong else 3,
        )
    for number, (x, error, row) in enumerate(corners, start=1):
        corner = (x * beside[row.axes["method"]], 100 * error.rate)
        label = axes.annotate(str(number), corner, xytext=(7, -15), textcoords="offset points")
        label.set(
            fontweight="bold",
            zorder=5,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.set_xticks([float(f"{t:.2g}") for t in np.geomspace(low, high, 7)[1:-1]])
    axes.grid(True)
    handles = [dot(colors[m], "o", board.value_label("method", m)) for m in board.values["method"]]
    handles += [
        dot("#6b7078", markers[c], board.value_label("compression", c))
        for c in board.values["compression"]
    ]
    handles += [
        dot(colors[row.axes["method"]], "o", f"{number}: {board.label(row)}")
        for number, row in enumerate(front, start=1)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
    return figure


def _limits(costs: Sequence[float]) -> tuple[float, float]:
    """Ends of the axis, a factor of 1.5 apart at least, so that noise does not look large."""
    low, high = min(costs), max(costs)
    margin = max(1.15, math.sqrt(1.5 * low / high))
    return low / margin, high * margin
