"""The figure of all trials: every setting tried, with the default and the chosen one marked."""

from __future__ import annotations

from typing import Any

import matplotlib
import seaborn as sns
from matplotlib.lines import Line2D

from benchmark.report.drawing import STYLE, canvas, color_names, dot, name_ticks
from benchmark.report.figures import Chart
from benchmark.report.sensitivity import Sensitivity, Spread, TriedSetting

NAME = "sensitivity"
GREY = "#5b616b"


def draw_spread(sensitivity: Sensitivity) -> list[Chart]:
    """One column of points per study; no chart where no trial has an error rate."""
    spreads = sensitivity.drawable
    if not spreads:
        return []
    axis = _grouping(spreads)
    groups = tuple(dict.fromkeys(spread.axes[axis] for spread in spreads))
    hues = tuple(dict.fromkeys(_hue(sensitivity, spread, axis) for spread in spreads))
    colors = color_names(hues)
    with sns.axes_style("white"), matplotlib.rc_context(STYLE):
        figure, axes = canvas(max(4.8, 0.5 * len(groups) * len(hues) + 2.4), 4.4)
        for spread in spreads:
            hue = _hue(sensitivity, spread, axis)
            shift = 0.7 * ((hues.index(hue) + 0.5) / len(hues) - 0.5)
            place = groups.index(spread.axes[axis]) + shift
            rates = [100 * tried.rate for tried in spread.tries if tried.rate == tried.rate]
            axes.vlines(place, min(rates), max(rates), color=colors[hue], alpha=0.35, linewidth=2)
            for tried in spread.tries:
                for zorder, mark in enumerate(_marks(tried, colors[hue]), start=2):
                    axes.scatter(place, 100 * tried.rate, zorder=zorder, **mark)
        axes.set_xticks(range(len(groups)))
        name_ticks(axes, groups)
        axes.set_xlim(-0.6, len(groups) - 0.4)
        ylabel = f"{sensitivity.error_name} on validation, % (lower is better)"
        axes.set(title="Spread over the settings tried", ylabel=ylabel)
        axes.grid(True, axis="y")
        marks = [
            _legend("D", "white", "default"),
            _legend("*", GREY, "chosen"),
            _legend("o", GREY, "other trial"),
            _legend("o", "white", "pruned"),
        ]
        shown = [dot(colors[hue], "s", hue) for hue in hues if hue]
        figure.legend(handles=[*shown, *marks], loc="outside lower center", ncols=4, fontsize=9)
    caption = (
        f"One point per trial: the mean over {sensitivity.num_instances} support sets of"
        f" {', '.join(sensitivity.languages)}. A pruned trial is averaged over those that it ran."
        " Failed trials have no point."
    )
    return [Chart(NAME, caption, figure)]


def _grouping(spreads: list[Spread]) -> str:
    """Optimizers side by side, or methods where they are more."""
    methods, optimizers = (
        len({spread.axes[axis] for spread in spreads}) for axis in ("method", "optimizer")
    )
    return "method" if methods > optimizers else "optimizer"


def _hue(sensitivity: Sensitivity, spread: Spread, grouping: str) -> str:
    return ", ".join(spread.axes[axis] for axis in sensitivity.varying if axis != grouping)


def _marks(tried: TriedSetting, color: str) -> list[dict[str, Any]]:
    """A dot, hollow where pruned; the default a white diamond, the chosen one a star above all."""
    face = "white" if tried.state == "pruned" else color
    marks = [{"marker": "o", "s": 34, "facecolors": face, "edgecolors": color}]
    if tried.is_default:
        marks.append({"marker": "D", "s": 70, "facecolors": "white", "edgecolors": color})
    if tried.is_best:
        marks.append({"marker": "*", "s": 110, "facecolors": color, "edgecolors": "black"})
    return marks


def _legend(marker: str, face: str, label: str) -> Line2D:
    return Line2D(
        [], [], color=GREY, marker=marker, markerfacecolor=face, linestyle="none", label=label
    )
