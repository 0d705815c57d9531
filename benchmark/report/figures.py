"""The figures: every rate with its interval, colours that colour-blind readers can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from benchmark.report.estimate import Estimate, is_known
from benchmark.report.tables import AXES, Board, Row, pareto_front
from benchmark.report.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # names may hold a dollar sign
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8f98",
    "grid.color": "#e4e6ea",
    "figure.facecolor": "white",
    "legend.frameon": False,
}


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
    figure = _heat_map(board.values["method"], board.values["compression"], entries)
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
    figure = _heat_map(board.values["method"], board.languages, entries)
    axes = figure.axes[0]
    names = [f"{name} ({board.metrics[name].upper()})" for name in board.languages]
    axes.set(title="Error rate by method and language", xlabel="", ylabel="")
    _name_ticks(axes, names)
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
    colors = _colors(board.values["method"])
    markers = _cycle(board.values["compression"], MARKERS)
    figure, axes = _canvas(6.6, 5.2)
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
        _error_bar(axes, x, error, colors[row.axes["method"]], 0.9 if strong else 0.3)
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
    handles = [_dot(colors[m], "o", m) for m in board.values["method"]]
    handles += [_dot("#6b7078", markers[c], c) for c in board.values["compression"]]
    handles += [
        _dot(colors[row.axes["method"]], "o", f"{number}: {board.label(row)}")
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
    colors, markers = _colors(hues), _cycle(hues, MARKERS)
    figure, axes = _canvas(max(4.6, 1.1 * len(groups) + 1.2), 4.4)
    for row in rows:
        if row.error is None:
            continue
        shift = 0.6 * ((hues.index(row.axes[hue]) + 0.5) / len(hues) - 0.5)
        place = groups.index(row.axes[x]) + shift
        color = colors[row.axes[hue]]
        _error_bar(axes, place, row.error, color, 0.9)
        axes.scatter(place, 100 * row.error.rate, color=color, marker=markers[row.axes[hue]], s=44)
    axes.set_xticks(range(len(groups)))
    _name_ticks(axes, groups)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set(title=title, ylabel=f"{board.error_name}, % (lower is better)")
    axes.grid(True, axis="y")
    handles = [_dot(colors[value], markers[value], value) for value in hues]
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
    figure, axes = _canvas(max(4.6, 1.0 * len(order) + 1.2), 4.2)
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
    _name_ticks(axes, order)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend([], []).remove()
    figure.legend(handles, labels, title="seed", loc="outside lower center", ncols=8, fontsize=9)
    axes.set(title="Spread between seeds", xlabel="", ylabel=f"{board.error_name}, %")
    axes.grid(True, axis="y")
    caption = _fixed(board, best, "method") + " One point per seed: the mean over languages."
    return Chart("seeds", caption, figure)


def _heat_map(
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    entries: Mapping[tuple[str, str], Estimate | None],
) -> Figure:
    values = np.full((len(rows), len(columns)), np.nan)
    notes = np.full(values.shape, "", dtype=object)
    for (row, column), error in entries.items():
        if error is None:
            continue
        place = rows.index(row), columns.index(column)
        values[place] = 100 * error.rate
        known = is_known(error.half_width)
        spread = f"\n\u00b1 {percent(error.half_width)}" if known else "\n\u00b1 ?"
        notes[place] = percent(error.rate) + spread
    figure, axes = _canvas(1.25 * len(columns) + 2.6, 0.62 * len(rows) + 1.4)
    sns.heatmap(
        pd.DataFrame(values, index=list(rows), columns=list(columns)),
        annot=notes,
        fmt="",
        annot_kws={"fontsize": 9},
        cmap="viridis_r",
        linewidths=2,
        linecolor="white",
        cbar_kws={"label": "error rate, %"},
        ax=axes,
    )
    if (bar := axes.collections[0].colorbar) is not None:
        bar.outline.set_visible(False)
    axes.set_facecolor("#f1f2f4")
    axes.tick_params(length=0)
    _name_ticks(axes, columns)
    axes.set_yticklabels([_short(row) for row in rows], rotation=0)
    return figure


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _error_bar(axes: Axes, x: float, error: Estimate, color: str, alpha: float) -> None:
    if is_known(error.half_width):
        axes.vlines(x, 100 * error.low, 100 * error.high, color=color, alpha=alpha, linewidth=1.6)


def _dot(color: str, marker: str, label: str) -> matplotlib.lines.Line2D:
    return matplotlib.lines.Line2D(
        [], [], color=color, marker=marker, linestyle="none", label=_short(label, 40)
    )


def _colors(names: tuple[str, ...]) -> dict[str, str]:
    return _cycle(names, tuple(sns.color_palette("colorblind").as_hex()))


def _cycle(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return {name: values[index % len(values)] for index, name in enumerate(names)}


def _name_ticks(axes: Axes, names: Sequence[str]) -> None:
    long = max(len(name) for name in names) > 14
    axes.set_xticks(axes.get_xticks(), labels=[_short(name) for name in names])
    if long:
        for label in axes.get_xticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")


def _short(name: str, most: int = 26) -> str:
    """`name` with its middle left out: settings that tell names apart stand at the ends."""
    half = (most - 3) // 2
    return name if len(name) <= most else f"{name[:half]}...{name[-half:]}"


def _capital(board: Board) -> str:
    return board.error_name[0].upper() + board.error_name[1:]


def _fixed(board: Board, best: Row, *free: str) -> str:
    fixed = [f"{a} {best.axes[a]}" for a in AXES if a in board.varying and a not in free]
    return f"At the settings of the best combination: {', '.join(fixed)}." if fixed else ""
