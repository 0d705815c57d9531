"""The regression gate: a verdict per cell and one overall.

False alarms are bounded over the whole gate: half of the level is spent on all cells together
(their macro average), half on single cells by Holm's procedure. A gate with one cell spends it
all there. A model that stopped recognising speech is judged apart from losses, see `collapse`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.errors import DataError
from benchmark.evidence.collapse import judge_collapse
from benchmark.evidence.comparison import Comparison, compare_pairs, measured_noise
from benchmark.evidence.judge import describe, judge_errors, judge_size
from benchmark.evidence.metric import describe_metrics, judged_by
from benchmark.evidence.pairing import Metric, Pair, Runs, different_fields, pair, systems
from benchmark.evidence.settings import changed_settings
from benchmark.evidence.side import AXES, Side
from benchmark.evidence.verdict import Judgement, Verdict, worst
from benchmark.statistics.holm import holm
from benchmark.statistics.noise import SeedNoise
from benchmark.suite.thresholds import Thresholds


@dataclass(frozen=True)
class CellVerdict:
    """One system in one language: a judgement per measure, and the comparison where paired."""

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
    """What the gate found; `notes` are what a reader should know besides verdicts."""

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
        """Overall: the worst of what must not be, else that of all cells together."""
        grave = (Verdict.REGRESSED, Verdict.MISSING, Verdict.NOT_COMPARABLE)
        verdicts = [cell.verdict for cell in self.cells if cell.verdict in grave]
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
    """Judge `candidate` by `baseline`. Raises DataError where they have no cell in common."""
    before, after = systems(baseline), systems(candidate)
    expected = {key: runs for key, runs in before.items() if not runs.records.empty}
    if not expected:
        raise DataError(f"{baseline.name}: no cell has a result")
    if not expected.keys() & after.keys():
        raise DataError(f"{baseline.name} and {candidate.name} have no cell in common")
    metrics = judged_by(expected.values(), metric)
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
    measured = measured_noise(pairs.values())
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
    "latency: not measured interleaved on one machine; --remeasure does that",
)


def _pair(
    axes: dict[str, str],
    a: Runs,
    b: Runs | None,
    baseline: Side,
    candidate: Side,
    metric: Metric,
) -> Pair | Judgement:
    """The pair, or why this cell cannot be judged by its errors."""
    if b is None:
        return Judgement("cell", Verdict.MISSING, "the candidate does not have it")
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
    """All cells together and each alone, p-values adjusted so that `level` holds for the gate."""
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
    """All cells at once; where no baseline recognises anything, equal errors prove nothing."""
    judgements = [cell.judgements[0] for cell in cells]
    if all(judgement.measure == "collapse" for judgement in judgements):
        verdict = worst(judgement.verdict for judgement in judgements)
        reason = f"collapsed on one side or both, {describe(together)}"
        return Judgement("collapse", verdict, reason)
    return judge_errors(together, thresholds)


def _notes(
    before: Mapping[tuple[str, ...], Runs], after: Mapping[tuple[str, ...], Runs]
) -> list[str]:
    notes = []
    new = len(after.keys() - before.keys())
    without = sum(runs.records.empty for runs in before.values())
    if new:
        notes.append(f"{new} cells are new and were not judged")
    if without:
        notes.append(f"{without} cells have no result in the baseline and were not judged")
    return notes


def losses(gate: Gate, most: int) -> list[str]:
    """The cells with the largest losses, the worst first: where a reader should look first."""
    lost = [(c.axes, c.comparison) for c in gate.cells if c.comparison]
    lost = [(axes, comparison) for axes, comparison in lost if comparison.difference > 0]
    lost.sort(key=lambda pair: -pair[1].difference)
    return [f"{', '.join(axes.values())}: {describe(loss)}" for axes, loss in lost[:most]]
