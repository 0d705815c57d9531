"""What a timing is told of an artefact, and what is kept of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmark.measure.timing import PERCENTILES, Latency, TimedArtefact
from benchmark.plan.stages import Compress
from benchmark.store.stages import StageStore


def facts_of(timed: TimedArtefact) -> dict[str, Any]:
    """What is kept of a timing; ratios of an invalid one are not."""
    first = timed.latency
    shown = {f"latency_p{round(100 * p)}_ms": first.percentile_ms(p) for p in PERCENTILES}
    bounds = {f"p{round(100 * p)}": first.bound_ms(p) for p in PERCENTILES}
    return {
        **shown,
        "latency_bounds_ms": bounds,
        "latency_p50_low_ms": first.p50_interval.low,
        "latency_p50_high_ms": first.p50_interval.high,
        **_ratio(first, timed),
        "noise_low": timed.noise.low,
        "noise_high": timed.noise.high,
        "timing_valid": timed.invalid is None,
        "timing_invalid": timed.invalid,
        "rtfx": first.rtfx,
        "latency_by_length": [_by_length(latency, timed) for latency in timed.latencies],
        **asdict(timed.cost),
        "protocol": dict(timed.protocol),
    }


def _by_length(latency: Latency, timed: TimedArtefact) -> dict[str, Any]:
    return {
        "seconds": latency.seconds,
        "p50_ms": latency.p50_ms,
        "p50_low_ms": latency.p50_interval.low,
        "p50_high_ms": latency.p50_interval.high,
        "rtfx": latency.rtfx,
        **_ratio(latency, timed),
    }


def _ratio(latency: Latency, timed: TimedArtefact) -> dict[str, float | None]:
    names = ("latency_ratio", "latency_ratio_low", "latency_ratio_high")
    if timed.invalid:
        return dict.fromkeys(names)
    return dict(zip(names, (latency.ratio, *latency.ratio_interval), strict=True))


def header_of(store: StageStore, key: str) -> dict[str, Any]:
    """The header of the file that a `compress` stage made, in whatever form its runtime keeps it.

    A stage that changed the network says so in its facts.
    """
    record = store.get(key)
    assert record is not None, "only finished artefacts are timed"
    stage = Compress.from_json(record.identity)
    network = {
        "model": stage.model["name"],
        "settings": stage.model["settings"],
        "num_features": stage.features.mels,
        "edits": [],
        **record.facts.get("network", {}),
    }
    same = ("vocabulary", "features", "language", "normaliser")
    return {**network, **{name: record.identity[name] for name in same}, "compression": ""}
