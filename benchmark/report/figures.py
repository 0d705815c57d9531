"""The figures: every rate with its interval, colours that colour-blind readers can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from benchmark.board.board import Board
from benchmark.board.combination import AXES, Combination
from benchmark.board.front import front
from benchmark.report.curves import Curve
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
from benchmark.report.learning import by_unit, curve_figure, shots_figure
from benchmark.report.pareto import pareto_figure


@dataclass(frozen=True)
class Chart:
    """A figure with the words that go with it; `name` is its file name without suffix."""

    name: str
    caption: str
    figure: Figure


def draw(board: Board, curves: Sequence[Curve] = ()) -> list[Chart]:
    """Every chart that has something to show."""
    best = board.lead
    if best is None:
        return []
    painters: tuple[Callable[[Board, Combination], Chart | None], ...] = (
        _method_compression,
        _method_language,
        _pareto_size,
        _pareto_latency,
        _optimizers,
        partial(_curves, curves=curves),
        _shots,
        _seeds,
    )
    with sns.axes_style("white"), matplotlib.rc_context(STYLE):
        charts = [paint(board, best) for paint in painters]
    return [chart for chart in charts if chart is not None]


def _method_compression(board: Board, best: Combination) -> Chart | None:
    entries = {
        (_name(board, row, "method"), _name(board, row, "compression")): row.error
        for row in board.near(best, "method", "compression")
    }
    figure = heat_map(_names(board, "method"), _names(board, "compression"), entries)
    axes = figure.axes[0]
    axes.set(title=f"{_capital(board)} by method and compression", xlabel="", ylabel="")
    caption = (
        _fixed(board, best, "method", "compression")
        + " Cells: percent, \u00b1 half a 95 % interval."
    )
    return Chart("method_compression", caption, figure)


def _method_language(board: Board, best: Combination) -> Chart | None:
    names = {name: f"{name} ({board.metrics[name].upper()})" for name in board.languages}
    entries = {
        (_name(board, row, "method"), names[language]): error
        for row in board.near(best, "method")
        for language, error in row.languages.items()
    }
    figure = heat_map(_names(board, "method"), tuple(names.values()), entries)
    axes = figure.axes[0]
    axes.set(title="Error rate by method and language", xlabel="", ylabel="")
    caption = _fixed(board, best, "method") + " Cells: percent, \u00b1 half a 95 % interval."
    return Chart("method_language", caption, figure)


def _pareto_size(board: Board, best: Combination) -> Chart | None:
    return _pareto(
        board,
        lambda row: row.cost.size_bytes,
        1e6,
        "pareto_size",
        f"{_capital(board)} against file size",
        "file size, MB (10^6 bytes, logarithmic)",
    )


def _pareto_latency(board: Board, best: Combination) -> Chart | None:
    return _pareto(
        board,
        lambda row: row.cost.latency_p50_ms,
        1.0,
        "pareto_latency",
        f"{_capital(board)} against latency",
        "latency of one utterance, median, ms (logarithmic)",
    )


def _pareto(
    board: Board,
    cost: Callable[[Combination], float],
    unit: float,
    name: str,
    title: str,
    xlabel: str,
) -> Chart | None:
    points = [(cost(row) / unit, error, row) for row, error in board.scored if cost(row) > 0]
    points = [point for point in points if point[2].complete] or points
    if not points:
        return None
    figure = pareto_figure(board, points, front([row for _, _, row in points], cost))
    ylabel = f"{board.error_name}, % (lower is better)"
    figure.axes[0].set(title=title, xlabel=xlabel, ylabel=ylabel)
    caption = (
        "Numbered points on the dashed line: the Pareto front of the usable combinations, none of "
        "which is beaten on both axes. Costs within 1 % count as equal. Ceilings are not on the "
        "front. Methods are shifted sideways for legibility. Bars: 95 % intervals of single error "
        "rates; differences are tested on shared utterances."
    )
    return Chart(name, caption, figure)


def _optimizers(board: Board, best: Combination) -> Chart | None:
    if len(board.values["optimizer"]) < 2:
        return None
    rows = board.near(best, "method", "optimizer")
    title = f"{_capital(board)} by optimizer of adaptation"
    figure = _dodged(board, rows, "method", "optimizer", title)
    return Chart("optimizers", _fixed(board, best, "method", "optimizer") + BARS, figure)


def _shots(board: Board, best: Combination) -> Chart | None:
    rows = board.near(best, "method", "shots")
    if max(map(len, by_unit(board.values["shots"]))) < 2 or not any(row.error for row in rows):
        return None
    figure = shots_figure(board, rows)
    title = f"{_capital(board)} by amount of adaptation speech"
    figure.axes[0].set(title=title, ylabel=f"{board.error_name}, % (lower is better)")
    return Chart("shots", _fixed(board, best, "method", "shots") + BARS, figure)


def _curves(board: Board, best: Combination, curves: Sequence[Curve]) -> Chart | None:
    if not curves:
        return None
    figure = curve_figure(board, curves)
    title = f"{_capital(board)} while adapting"
    figure.axes[0].set(title=title, ylabel=f"{board.error_name}, % (lower is better)")
    caption = (
        _fixed(board, best, "method", "compression")
        + " Lines: the mean over languages, draws and seeds, before compression."
        + (" Bands span the seeds." if max(curve.num_seeds for curve in curves) > 1 else "")
    )
    return Chart("curves", caption, figure)


BARS = " Bars are 95 % intervals."


def _dodged(board: Board, rows: list[Combination], x: str, hue: str, title: str) -> Figure:
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
    name_ticks(axes, _names(board, x))
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set(title=title, ylabel=f"{board.error_name}, % (lower is better)")
    axes.grid(True, axis="y")
    handles = [dot(colors[value], markers[value], value) for value in hues]
    figure.legend(
        handles=handles, title=hue, loc="outside lower center", ncols=min(len(hues), 5), fontsize=9
    )
    return figure


def _seeds(board: Board, best: Combination) -> Chart | None:
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
    name_ticks(axes, [board.value_label("method", name) for name in order])
    handles, labels = axes.get_legend_handles_labels()
    axes.legend([], []).remove()
    figure.legend(handles, labels, title="seed", loc="outside lower center", ncols=8, fontsize=9)
    axes.set(title="Spread between seeds", xlabel="", ylabel=f"{board.error_name}, %")
    axes.grid(True, axis="y")
    caption = _fixed(board, best, "method") + " One point per seed: the mean over languages."
    return Chart("seeds", caption, figure)


def _capital(board: Board) -> str:
    return board.error_name[0].upper() + board.error_name[1:]


def _fixed(board: Board, best: Combination, *free: str) -> str:
    axes = [axis for axis in AXES if axis in board.varying and axis not in free]
    fixed = [f"{axis} {best.axes[axis] or 'default'}" for axis in axes if axis != "compression"]
    if "compression" in axes:
        fixed.append(_name(board, best, "compression"))
    name = "best" if best.competes else "first"
    return f"At the settings of the {name} combination: {', '.join(fixed)}." if fixed else ""


def _name(board: Board, row: Combination, axis: str) -> str:
    return board.value_label(axis, row.axes[axis])


def _names(board: Board, axis: str) -> tuple[str, ...]:
    return tuple(board.value_label(axis, value) for value in board.values[axis])
