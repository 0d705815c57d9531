"""The figures: every rate with its interval, colours that colour-blind readers can tell apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from benchmark.report.drawing import (
    MARKERS,
    STYLE,
    canvas,
    color_names,
    cycle,
    dot,
    error_bar,
    heat_map,
    name_ticks,
)
from benchmark.report.estimate import is_known
from benchmark.report.tables import AXES, Board, Row, pareto_front

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Chart:
    """A figure with the words that go with it; `name` is its file name without suffix."""

    name: str
    caption: str
    figure: Figure


def draw(board: Board) -> list[Chart]:
    """Every chart that has something to show."""
    best = board.best
    if best is None:
        return []
    painters: tuple[Callable[[Board, Row], Chart | None], ...] = (
        _method_compression,
        _method_language,
        _pareto_size,
        _pareto_latency,
        _optimizers,
        _shots,
        _seeds,
    )
    with sns.axes_style("white"), matplotlib.rc_context(STYLE):
        charts = [paint(board, best) for paint in painters]
    return [chart for chart in charts if chart is not None]


def _method_compression(board: Board, best: Row) -> Chart | None:
    entries = {
        (row.axes["method"], row.axes["compression"]): row.error
        for row in board.near(best, "method", "compression")
    }
    figure = heat_map(board.values["method"], board.values["compression"], entries)
    axes = figure.axes[0]
    axes.set(title=f"{_capital(board)} by method and compression", xlabel="", ylabel="")
    caption = (
        _fixed(board, best, "method", "compression")
        + " Cells: percent, \u00b1 half a 95 % interval."
    )
    return Chart("method_compression", caption, figure)


def _method_language(board: Board, best: Row) -> Chart | None:
    entries = {
        (row.axes["method"], language): error
        for row in board.near(best, "method")
        for language, error in row.languages.items()
    }
    figure = heat_map(board.values["method"], board.languages, entries)
    axes = figure.axes[0]
    names = [f"{name} ({board.metrics[name].upper()})" for name in board.languages]
    axes.set(title="Error rate by method and language", xlabel="", ylabel="")
    name_ticks(axes, names)
    caption = _fixed(board, best, "method") + " Cells: percent, \u00b1 half a 95 % interval."
    return Chart("method_language", caption, figure)


def _pareto_size(board: Board, best: Row) -> Chart | None:
    return _pareto(
        board,
        lambda row: row.cost.size_bytes / 1e6,
        "pareto_size",
        f"{_capital(board)} against size of the file",
        "file size, MB (10^6 bytes, logarithmic)",
    )


def _pareto_latency(board: Board, best: Row) -> Chart | None:
    return _pareto(
        board,
        lambda row: row.cost.latency_p50_ms,
        "pareto_latency",
        f"{_capital(board)} against latency",
        "latency of one utterance, median, ms (logarithmic)",
    )


def _pareto(
    board: Board, cost: Callable[[Row], float], name: str, title: str, xlabel: str
) -> Chart | None:
    points = [(cost(row), error, row) for row, error in board.ranked if is_known(cost(row))]
    points = [point for point in points if point[2].complete] or points
    if not points:
        return None
    colors = color_names(board.values["method"])
    markers = cycle(board.values["compression"], MARKERS)
    figure, axes = canvas(6.6, 5.2)
    front = [points[i] for i in pareto_front([(x, error.rate) for x, error, _ in points])]
    axes.step(
        [x for x, _, _ in front],
        [100 * error.rate for _, error, _ in front],
        where="post",
        color="#4a4f57",
        linewidth=1.2,
        linestyle="--",
        zorder=1,
    )
    on_front = {id(row) for _, _, row in front}
    for x, error, row in points:
        strong = id(row) in on_front
        error_bar(axes, x, error, colors[row.axes["method"]], 0.9 if strong else 0.3)
        axes.scatter(
            x,
            100 * error.rate,
            s=64 if strong else 30,
            color=colors[row.axes["method"]],
            marker=markers[row.axes["compression"]],
            edgecolor="black" if strong else "none",
            alpha=1 if strong else 0.55,
            zorder=3,
        )
    for number, (x, error, _) in enumerate(front, start=1):
        place = (x, 100 * error.rate)
        axes.annotate(str(number), place, xytext=(-12, -12), textcoords="offset points")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    low, high = min(x for x, _, _ in points), max(x for x, _, _ in points)
    ticks = np.unique([float(f"{t:.2g}") for t in np.geomspace(low, high, 5)])
    axes.set_xticks(ticks)
    axes.set(title=title, xlabel=xlabel, ylabel=f"{board.error_name}, % (lower is better)")
    axes.grid(True)
    handles = [dot(colors[m], "o", m) for m in board.values["method"]]
    handles += [dot("#6b7078", markers[c], c) for c in board.values["compression"]]
    handles += [
        dot(colors[row.axes["method"]], "o", f"{number}: {board.label(row)}")
        for number, (_, _, row) in enumerate(front, start=1)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
    caption = (
        "Numbered points on the dashed line are the Pareto front: no other combination is better "
        "in one and as good in the other. Bars are 95 % intervals; neighbours whose bars overlap "
        "cannot be told apart."
    )
    return Chart(name, caption, figure)


def _optimizers(board: Board, best: Row) -> Chart | None:
    if len(board.values["optimizer"]) < 2:
        return None
    rows = board.near(best, "method", "optimizer")
    title = f"{_capital(board)} by optimizer of adaptation"
    figure = _dodged(board, rows, "method", "optimizer", title)
    return Chart("optimizers", _fixed(board, best, "method", "optimizer") + BARS, figure)


def _shots(board: Board, best: Row) -> Chart | None:
    if len(board.values["shots"]) < 2:
        return None
    rows = board.near(best, "method", "shots")
    title = f"{_capital(board)} by amount of adaptation speech"
    figure = _dodged(board, rows, "shots", "method", title)
    figure.axes[0].set_xlabel("shots: utterances, or duration where a unit is given")
    return Chart("shots", _fixed(board, best, "method", "shots") + BARS, figure)


BARS = " Bars are 95 % intervals."


def _dodged(board: Board, rows: list[Row], x: str, hue: str, title: str) -> Figure:
    groups, hues = board.values[x], board.values[hue]
    colors, markers = color_names(hues), cycle(hues, MARKERS)
    figure, axes = canvas(max(4.6, 1.1 * len(groups) + 1.2), 4.4)
    for row in rows:
        if row.error is None:
            continue
        shift = 0.6 * ((hues.index(row.axes[hue]) + 0.5) / len(hues) - 0.5)
        place = groups.index(row.axes[x]) + shift
        color = colors[row.axes[hue]]
        error_bar(axes, place, row.error, color, 0.9)
        axes.scatter(place, 100 * row.error.rate, color=color, marker=markers[row.axes[hue]], s=44)
    axes.set_xticks(range(len(groups)))
    name_ticks(axes, groups)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set(title=title, ylabel=f"{board.error_name}, % (lower is better)")
    axes.grid(True, axis="y")
    handles = [dot(colors[value], markers[value], value) for value in hues]
    figure.legend(
        handles=handles, title=hue, loc="outside lower center", ncols=min(len(hues), 5), fontsize=9
    )
    return figure


def _seeds(board: Board, best: Row) -> Chart | None:
    rows = board.near(best, "method")
    if max(len(row.per_seed) for row in rows) < 2:
        return None
    points = pd.DataFrame(
        [
            {"method": row.axes["method"], "seed": seed, "rate": 100 * rate}
            for row in rows
            for seed, rate in row.per_seed.items()
        ]
    )
    order = [name for name in board.values["method"] if name in set(points["method"])]
    figure, axes = canvas(max(4.6, 1.0 * len(order) + 1.2), 4.2)
    sns.stripplot(
        points,
        x="method",
        y="rate",
        hue="seed",
        order=order,
        palette="colorblind",
        size=7,
        jitter=False,
        dodge=True,
        ax=axes,
    )
    name_ticks(axes, order)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend([], []).remove()
    figure.legend(handles, labels, title="seed", loc="outside lower center", ncols=8, fontsize=9)
    axes.set(title="Spread between seeds", xlabel="", ylabel=f"{board.error_name}, %")
    axes.grid(True, axis="y")
    caption = _fixed(board, best, "method") + " One point per seed: the mean over languages."
    return Chart("seeds", caption, figure)


def _capital(board: Board) -> str:
    return board.error_name[0].upper() + board.error_name[1:]


def _fixed(board: Board, best: Row, *free: str) -> str:
    fixed = [f"{a} {best.axes[a]}" for a in AXES if a in board.varying and a not in free]
    return f"At the settings of the best combination: {', '.join(fixed)}." if fixed else ""
