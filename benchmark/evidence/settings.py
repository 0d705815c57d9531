"""Settings that changed between the two sides of a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from benchmark.evidence.pairing import Pair
from benchmark.results.documents import loads
from benchmark.store.identity import differences

SEED = "seed"
"""Seeds are repetitions, so another seed is not a changed setting."""


def changed_settings(pairs: Iterable[Pair]) -> list[str]:
    """Changed settings, such as `budget.adapt: 64 -> 8 (30 cells)`.

    The gate judges such cells nevertheless, since changes are what it is for.
    """
    counts: Counter[str] = Counter()
    for pair in pairs:
        before, after = (_settings(runs.records["params"].iloc[0]) for runs in (pair.a, pair.b))
        counts.update(differences(after, before))
    return [f"changed setting {field} ({number} cells)" for field, number in counts.items()]


def _settings(params: Any) -> dict[str, Any]:
    try:
        settings = loads(params)
    except (TypeError, ValueError):
        return {}
    return {k: v for k, v in settings.items() if k != SEED} if isinstance(settings, dict) else {}
