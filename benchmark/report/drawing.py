"""What all figures share: style, colours and the marks that show an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmark.statistics.estimate import Estimate, is_known
from benchmark.text.words import percent

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

WIDEST = 12
"""More columns of a heat map than this are too small to read on a page."""


def heat_map(
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    entries: Mapping[tuple[str, str], Estimate | None],
) -> Figure:
    """Rows by columns in percent, each with half its interval; blank where unknown.

    Where there are too many columns to be read they run down the page, and rows across it.
    """
    if len(columns) > max(WIDEST, len(rows)):
        rows, columns = columns, rows
        entries = {(row, column): error for (column, row), error in entries.items()}
    values = np.full((len(rows), len(columns)), np.nan)
    notes = np.full(values.shape, "", dtype=object)
    for (row, column), error in entries.items():
        if error is None:
            continue
        place = rows.index(row), columns.index(column)
        values[place] = 100 * error.rate
        half = percent(error.half_width) if is_known(error.half_width) else "?"
        notes[place] = f"{percent(error.rate)}\n\u00b1 {half}"
    figure, axes = canvas(max(1.25 * len(columns) + 2.6, 5.2), 0.62 * len(rows) + 1.4)
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
    name_ticks(axes, columns)
    axes.set_yticklabels([_short(row) for row in rows], rotation=0)
    return figure


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of `width` by `height` inches with one set of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def error_bar(axes: Axes, x: float, error: Estimate, color: str, alpha: float) -> None:
    """The interval of `error` in percent as a vertical line; nothing where it is unknown."""
    if is_known(error.half_width):
        axes.vlines(x, 100 * error.low, 100 * error.high, color=color, alpha=alpha, linewidth=1.6)


def dot(color: str, marker: str, label: str) -> Line2D:
    """An entry of a legend."""
    return Line2D([], [], color=color, marker=marker, linestyle="none", label=_short(label, 32))


def color_names(names: tuple[str, ...]) -> dict[str, str]:
    """A colour for each name; up to ten are distinct for colour-blind readers too."""
    return cycle(names, tuple(sns.color_palette("colorblind").as_hex()))


def cycle(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    """A value for each name, over again when there are more names than values."""
    return {name: values[index % len(values)] for index, name in enumerate(names)}


def name_ticks(axes: Axes, names: Sequence[str]) -> None:
    """Put `names` at the ticks of the x axis, turned where they would touch."""
    long = max(len(name) for name in names) > 14
    axes.set_xticks(axes.get_xticks(), labels=[_short(name) for name in names])
    if long:
        for label in axes.get_xticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")


def _short(name: str, most: int = 26) -> str:
    """`name` with its middle left out: settings that tell names apart stand at the ends."""
    half = (most - 3) // 2
    return name if len(name) <= most else f"{name[:half]}...{name[-half:]}"
