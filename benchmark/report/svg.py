"""Figures as SVG that can stand several times in one page."""

from __future__ import annotations

import io
import re

import matplotlib
from matplotlib.figure import Figure

from benchmark.report.drawing import STYLE


def to_svg(figure: Figure, name: str) -> str:
    """The `<svg>` element of `figure`: text as text, the same bytes every time.

    Every id starts with `name`, so that figures in one page do not borrow each other's shapes.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
