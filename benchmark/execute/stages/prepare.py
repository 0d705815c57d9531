"""Decode one language of a corpus once, for all suites."""

from __future__ import annotations

from typing import Any

from benchmark.data.prepare import prepare
from benchmark.execute.job import Context
from benchmark.plan.stages import Prepare
from benchmark.registry import CORPORA


def run(context: Context[Prepare]) -> dict[str, Any]:
    stage = context.stage
    prepare(
        CORPORA.rebuild(stage.corpus),
        stage.language,
        stage.limits,
        context.folder,
        lambda done, total: context.progress(done, total or 0),
    )
    return {}
