"""Measures the latency of both sides again, interleaved. Only such latencies are comparable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.evidence.gate import NOT_INTERLEAVED, Latencies
from benchmark.evidence.pairing import Runs, systems
from benchmark.evidence.side import Side
from benchmark.evidence.verdict import Judgement, Verdict
from benchmark.measure.latency import time_artefacts
from benchmark.measure.timing import TimedArtefact
from benchmark.measure.validity import difference
from benchmark.results.documents import EVALUATED, RUNTIME, loads, valid
from benchmark.runtimes.base import NATIVE, runtime_of
from benchmark.store.stages import StageStore
from benchmark.suite.timing import Timing

PROTOCOL = Timing(seconds=(3.0,))


def remeasure(baseline: Side, candidate: Side, tolerated: float) -> Latencies:
    """Time the artefacts of each cell that both sides have, once per pair of structures.

    Timing uses the CPU of this machine and the default protocol of `measure.timing` at one length.
    """
    after = systems(candidate)
    judgements: dict[tuple[str, ...], Judgement] = {}
    by_structure: dict[tuple[str, str], Judgement] = {}
    for key, a in systems(baseline).items():
        b = after.get(key)
        if b is None or a.records.empty or b.records.empty:
            continue
        structures = (_first(a, "cost_key"), _first(b, "cost_key"))
        if structures not in by_structure:
            by_structure[structures] = _time(a, b, baseline, candidate, tolerated)
        judgements[key] = by_structure[structures]
    return judgements


def judge_latency(timed: TimedArtefact, tolerated: float) -> Judgement:
    """Judge the ratio to the baseline's artefact in the same rounds, given the timing noise."""
    if timed.invalid:
        reason = f"latency: the timing is invalid, {timed.invalid}"
        return Judgement("latency", Verdict.INCONCLUSIVE, reason)
    ratio, (low, high) = timed.latency.ratio, timed.latency.ratio_interval
    reason = (
        f"latency {ratio:.2f} x the baseline's [{low:.2f}, {high:.2f}],"
        f" noise [{timed.noise.low:.2f}, {timed.noise.high:.2f}]"
    )
    change = difference(timed.latency.ratio_interval, timed.noise)
    if ratio > 1 + tolerated and change == "slower":
        return Judgement("latency", Verdict.REGRESSED, reason)
    if ratio < 1 - tolerated and change == "faster":
        return Judgement("latency", Verdict.IMPROVED, reason)
    verdict = Verdict.PASS if high <= 1 + tolerated else Verdict.INCONCLUSIVE
    return Judgement("latency", verdict, reason)


def _time(a: Runs, b: Runs, baseline: Side, candidate: Side, tolerated: float) -> Judgement:
    ours, theirs = _artefact(a, baseline), _artefact(b, candidate)
    if ours is None or theirs is None:
        side = baseline if ours is None else candidate
        reason = f"latency: {side.name} lacks the artefact"
        return Judgement("latency", NOT_INTERLEAVED.verdict, reason)
    try:
        timed = time_artefacts(ours, [theirs], PROTOCOL, runtime=_runtime(a))
        return judge_latency(timed[1], tolerated)
    except RuntimeError as error:
        return Judgement("latency", NOT_INTERLEAVED.verdict, f"latency: {error}")


def _artefact(runs: Runs, side: Side) -> Path | None:
    """The artefact of the first seed, found through the stages of its record; None if absent."""
    if side.stages is None:
        return None
    store = StageStore(side.stages)
    evaluated = store.get(_first(runs, "quality_key"))
    if evaluated is None:
        return None
    try:
        identity = valid(EVALUATED, evaluated.identity)
    except ValueError as error:
        place = store.path(evaluated.key)
        raise DataError(f"{place}: not an evaluate stage ({error})") from None
    artefact = identity["artefact"]
    if store.get(artefact) is None and not store.damage(artefact):
        return None
    path = runtime_of(identity).file(store.open(artefact))
    return path if path.exists() else None


def _runtime(runs: Runs) -> str | dict[str, Any]:
    """The runtime of a system, with its settings unless it is the native one."""
    try:
        settings = loads(_first(runs, "params"))
        stored = settings.get("settings", {}).get("runtime", NATIVE)
        runtime: str | dict[str, Any] = valid(RUNTIME, stored)
    except (ValueError, AttributeError) as error:
        cell = _first(runs, "cell")
        raise DataError(f"cell {cell}: no valid runtime in its settings ({error})") from None
    return runtime


def _first(runs: Runs, column: str) -> str:
    return str(runs.records[column].iloc[0])
