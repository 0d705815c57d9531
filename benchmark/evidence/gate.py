"""The regression gate: a verdict per cell and an overall verdict.

The false-alarm rate is bounded for the whole gate. Half of the significance level is spent on all
cells together (their macro average), half on single cells by Holm's procedure. With a single cell,
the whole level is spent on it. A model that stopped recognising speech is judged separately, see
`collapse`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.errors import DataError
from benchmark.evidence.collapse import judge_collapse
from benchmark.evidence.comparison import Comparison, compare_pairs, measure_noise
from benchmark.evidence.judge import describe, judge_errors, judge_size
from benchmark.evidence.metric import choose_metrics, describe_metrics
from benchmark.evidence.pairing import Metric, Pair, Runs, different_fields, pair, systems
from benchmark.evidence.settings import changed_settings
from benchmark.evidence.side import AXES, Side
from benchmark.evidence.verdict import Judgement, Verdict, worst
from benchmark.statistics.holm import holm
from benchmark.statistics.noise import SeedNoise
from benchmark.suite.thresholds import Thresholds


@dataclass(frozen=True)
class CellVerdict:
    """The verdict on one system in one language.

    judgements  one per measure
    comparison  of the error rates; None if the cell could not be paired
    """

    axes: dict[str, str]
    judgements: tuple[Judgement, ...]
    comparison: Comparison | None = None

    @property
    def verdict(self) -> Verdict:
        return worst(judgement.verdict for judgement in self.judgements)

    @property
    def deciding(self) -> Judgement:
        """The judgement that the verdict comes from."""
        return next(j for j in self.judgements if j.verdict is self.verdict)


@dataclass(frozen=True)
class Gate:
    """The outcome of the gate.

    together   the comparison of all cells together, and `judgement` on it
    measured   whether `noise` was measured; otherwise it is assumed
    notes      further information for readers, one sentence each
    """

    baseline: str
    candidate: str
    thresholds: Thresholds
    cells: tuple[CellVerdict, ...]
    together: Comparison
    judgement: Judgement
    noise: SeedNoise
    measured: bool
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The overall verdict: the worst severe verdict of a cell, or the one on all together."""
        severe = (Verdict.REGRESSED, Verdict.MISSING, Verdict.NOT_COMPARABLE)
        verdicts = [cell.verdict for cell in self.cells if cell.verdict in severe]
        return worst([*verdicts, self.judgement.verdict])

    def count(self, verdict: Verdict) -> int:
        return sum(cell.verdict is verdict for cell in self.cells)


Latencies = Mapping[tuple[str, ...], Judgement]
"""Judgements of latency by the values of a cell's axes."""


def check(
    baseline: Side,
    candidate: Side,
    thresholds: Thresholds,
    metric: Metric = "own",
    latencies: Latencies | None = None,
) -> Gate:
    """Judge `candidate` against `baseline`. Raises DataError if they have no cell in common."""
    before, after = systems(baseline), systems(candidate)
    expected = {key: runs for key, runs in before.items() if not runs.records.empty}
    if not expected:
        raise DataError(f"{baseline.name}: no cell has a result")
    if not expected.keys() & after.keys():
        raise DataError(f"{baseline.name} and {candidate.name} have no cell in common")
    metrics = choose_metrics(expected.values(), metric)
    pairs: dict[tuple[str, ...], Pair] = {}
    cells: dict[tuple[str, ...], CellVerdict] = {}
    for key, runs in expected.items():
        axes = dict(zip(AXES, key, strict=True))
        paired = _pair(axes, runs, after.get(key), baseline, candidate, metrics[axes["language"]])
        if isinstance(paired, Judgement):
            cells[key] = CellVerdict(axes, (paired,))
        else:
            pairs[key] = paired
    if not pairs:
        reasons = sorted({cell.deciding.reason for cell in cells.values()})
        shown = "; ".join(reason[:250] for reason in reasons[:3])
        raise DataError(f"no cell can be compared: {shown}")
    measured = measure_noise(pairs.values())
    noise = measured or SeedNoise(thresholds.seed_noise, float("inf"))
    together, rows = compare_cells(list(pairs.values()), noise)
    for (key, cell), row in zip(pairs.items(), rows, strict=True):
        collapse = judge_collapse(cell, thresholds.level / (2 * len(pairs)))
        judgements = [collapse or judge_errors(row, thresholds), judge_size(cell, thresholds)]
        if thresholds.latency is not None:
            judgements.append((latencies or {}).get(key, NOT_INTERLEAVED))
        cells[key] = CellVerdict(cell.axes, tuple(judgements), row)
    return Gate(
        baseline=baseline.name,
        candidate=candidate.name,
        thresholds=thresholds,
        cells=tuple(cells[key] for key in expected),
        together=together,
        judgement=judge_together(together, [cells[key] for key in pairs], thresholds),
        noise=noise,
        measured=measured is not None,
        notes=(
            describe_metrics(metrics),
            *_notes(before, after),
            *changed_settings(pairs.values()),
        ),
    )


NOT_INTERLEAVED = Judgement(
    "latency",
    Verdict.NOT_COMPARABLE,
    "latency: the two sides were not timed interleaved on one machine; use --remeasure",
)


def _pair(
    axes: dict[str, str],
    a: Runs,
    b: Runs | None,
    baseline: Side,
    candidate: Side,
    metric: Metric,
) -> Pair | Judgement:
    """The pair, or a judgement that says why the errors of this cell cannot be compared."""
    if b is None:
        return Judgement("cell", Verdict.MISSING, "the candidate lacks this cell")
    if len(b.seeds) < len(a.seeds):
        reason = f"{len(b.seeds)} of {len(a.seeds)} seeds have a result"
        if len(b.failed):
            first = b.failed.iloc[0]
            reason += f" ({first['status']}: {first['error']})"
        return Judgement("cell", Verdict.MISSING, reason)
    if fields := different_fields(a, b):
        return Judgement("cell", Verdict.NOT_COMPARABLE, "; ".join(fields))
    try:
        both = pair(axes, a, b, baseline, candidate, metric)
    except DataError as error:
        return Judgement("cell", Verdict.NOT_COMPARABLE, str(error))
    if both.only_a or both.only_b:
        reason = (
            f"utterances: {both.only_a} only in the baseline, {both.only_b} only in the candidate"
        )
        return Judgement("cell", Verdict.NOT_COMPARABLE, reason)
    return both


def compare_cells(pairs: Sequence[Pair], noise: SeedNoise) -> tuple[Comparison, list[Comparison]]:
    """Compare all cells together and each on its own, with p-values adjusted for the whole gate."""
    together = compare_pairs({}, pairs, noise)
    rows = [compare_pairs(pair.axes, [pair], noise) for pair in pairs]
    if len(pairs) == 1:
        return together, rows
    adjusted = [min(1.0, 2 * p) for p in holm([row.p for row in rows])]
    rows = [replace(row, p_holm=p) for row, p in zip(rows, adjusted, strict=True)]
    return replace(together, p_holm=min(1.0, 2 * together.p)), rows


def judge_together(
    together: Comparison, cells: Sequence[CellVerdict], thresholds: Thresholds
) -> Judgement:
    """Judge all cells together. If every cell collapsed, equal error rates are no evidence."""
    judgements = [cell.judgements[0] for cell in cells]
    if all(judgement.measure == "collapse" for judgement in judgements):
        verdict = worst(judgement.verdict for judgement in judgements)
        reason = f"every cell collapsed on one or both sides, {describe(together)}"
        return Judgement("collapse", verdict, reason)
    return judge_errors(together, thresholds)


def _notes(
    before: Mapping[tuple[str, ...], Runs], after: Mapping[tuple[str, ...], Runs]
) -> list[str]:
    notes = []
    num_new = len(after.keys() - before.keys())
    num_empty = sum(runs.records.empty for runs in before.values())
    if num_new:
        notes.append(f"{num_new} cells are new and were not judged")
    if num_empty:
        notes.append(f"{num_empty} cells have no result in the baseline and were not judged")
    return notes


def describe_losses(gate: Gate, most: int) -> list[str]:
    """The `most` cells with the largest losses, largest first, one line each."""
    losses = [(c.axes, c.comparison) for c in gate.cells if c.comparison]
    losses = [(axes, comparison) for axes, comparison in losses if comparison.difference > 0]
    losses.sort(key=lambda pair: -pair[1].difference)
    return [f"{', '.join(axes.values())}: {describe(loss)}" for axes, loss in losses[:most]]
