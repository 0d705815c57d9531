"""HTML pages from templates: one environment for the report and the published site."""

from __future__ import annotations

import jinja2

from benchmark.text import words
from benchmark.text.labels import value_label
from benchmark.text.tables import bounds


def environment(package: str) -> jinja2.Environment:
    """Templates of `package`, and those of this package that all pages share.

    Everything that a template writes is escaped unless it is marked as safe.
    """
    pages = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(package), jinja2.PackageLoader("benchmark.text")]
        ),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        finalize=words.shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "percent": words.percent,
        "interval": words.interval,
        "signed": words.signed,
        "bounds": bounds,
        "ratio": words.ratio,
        "size": words.size,
        "duration": words.duration,
        "flops": words.flops,
        "number": words.number,
        "value_label": lambda value, axis: value_label(axis, value),
    }
    return pages
