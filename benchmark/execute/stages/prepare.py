"""Decode one language of a corpus once, for all suites."""

from __future__ import annotations

from typing import Any

from benchmark.data.prepare import DataLimits, prepare
from benchmark.execute.job import Context
from benchmark.registry import CORPORA


def run(context: Context) -> dict[str, Any]:
    corpus = context.identity["corpus"]
    prepare(
        CORPORA.make(corpus["name"], corpus["settings"]),
        context.identity["language"],
        DataLimits(**context.identity["limits"]),
        context.folder,
        lambda done, total: context.progress(done, total or 0),
    )
    return {}
