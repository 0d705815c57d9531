"""Which method, optimizer and compression to use under limits, from one results folder alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from benchmark.board.board import Board
from benchmark.board.build import build_board
from benchmark.board.combination import Combination
from benchmark.board.difference import Difference
from benchmark.board.ranking import rank
from benchmark.data.episodes import SECONDS, Shots
from benchmark.errors import DataError, UserError
from benchmark.evidence.side import side_of
from benchmark.evidence.within import AFTER_TRAINING
from benchmark.report.sentences.compressions import SAVES_NOTHING
from benchmark.results.load import Results
from benchmark.scoring.usable import collapsed
from benchmark.statistics.estimate import is_known
from benchmark.statistics.percentiles import min_runs
from benchmark.text.counts import counted
from benchmark.text.provenance import machine
from benchmark.text.words import listed, number, size

DECISIONS = ("method", "optimizer", "compression")


@dataclass(frozen=True)
class DeviceLimits:
    """The size and latency that the device allows; infinite where there is no limit."""

    size_bytes: float = math.inf
    latency_ms: float = math.inf

    def excess(self, row: Combination) -> float:
        """The larger of size and latency as a multiple of its limit; NaN where not measured.

        Latency is the 95th percentile: a limit that half of the runs exceed is not met.
        """
        ratios = [0.0]
        if math.isfinite(self.size_bytes):
            ratios.append(row.cost.size_bytes / self.size_bytes)
        if math.isfinite(self.latency_ms):
            ratios.append(row.cost.latency_p95_ms / self.latency_ms)
        return max(ratios) if not any(map(math.isnan, ratios)) else math.nan

    def __str__(self) -> str:
        parts = []
        if math.isfinite(self.size_bytes):
            parts.append(f"at most {size(self.size_bytes)}")
        if math.isfinite(self.latency_ms):
            parts.append(f"at most {number(self.latency_ms)} ms")
        return " and ".join(parts) or "no limits"


@dataclass(frozen=True)
class Advice:
    """The combination to use and the evidence for it.

    board     the combinations that meet the limits and have every language, best first
    others    the rest of them, each against the best; one family for Holm's correction
    choices   per axis the best of each other value against the best; a family per axis
    smallest  the best of the smallest files that show no loss even uncorrected
    ceiling   the best ceiling, for reference: it is no choice; None where there is none
    doubts    what the results leave undecided, and why; empty where nothing is
    """

    shots: str
    board: Board
    best: Combination
    others: list[tuple[Combination, Difference]]
    choices: dict[str, list[tuple[Combination, Difference]]]
    smallest: Combination
    ceiling: Combination | None
    doubts: list[str]
    basis: list[str]


def advise(results: Results, limits: DeviceLimits, speech: str | None) -> Advice:
    """The best combination within `limits` for about `speech` (as shots are written).

    Raises UserError where nothing meets the limits or no shots compare with `speech`, and
    DataError where no combination has a result in every language, or none of those is usable.
    """
    shots = nearest_shots(sorted(set(results.records["shots"])), speech)
    chosen = replace(results, records=results.records[results.records["shots"] == shots])
    whole = build_board(chosen.records)
    if not any(row.complete for row, _ in whole.scored):
        raise DataError(f"{results.folder}: no combination has a result in every language")
    complete = [row for row in whole.contenders if row.complete]
    if not complete:
        reason = (
            whole.nothing_to_recommend or "no usable combination has a result in every language"
        )
        raise DataError(f"{results.folder}: {reason}")
    fitting = [row for row in complete if limits.excess(row) <= 1]
    if not fitting:
        raise UserError(_nearest_miss(whole, complete, limits))
    board = replace(whole, combinations=tuple(fitting))
    best = fitting[0]
    ranking = rank(whole, lambda: side_of(chosen.run))
    others = list(zip(fitting[1:], ranking.family(best, fitting[1:]), strict=True))
    choices = {}
    for axis in DECISIONS:
        # Artefacts of one trained model differ by far less noise than models do.
        rows = board.near(best, axis) if axis in AFTER_TRAINING else board.best_per(axis)
        rows = [row for row in rows if row.axes[axis] != best.axes[axis]]
        choices[axis] = list(zip(rows, ranking.family(best, rows), strict=True))
    harmless = [row for row, difference in others if difference.shows_no_loss]
    sized = [row for row in [best, *harmless] if is_known(row.cost.size_bytes)]
    least = min((row.cost.size_bytes for row in sized), default=math.inf)
    return Advice(
        shots=shots,
        board=board,
        best=best,
        others=others,
        choices=choices,
        smallest=next((row for row in sized if row.cost.size_bytes * SAVES_NOTHING <= least), best),
        ceiling=next((row for row in whole.ceilings if row.complete), None),
        doubts=_doubts(chosen, whole, best, others, choices),
        basis=_basis(chosen, whole, best, len(fitting)),
    )


def nearest_shots(measured: list[str], speech: str | None) -> str:
    """The entry of `measured` nearest to `speech` by ratio; utterances and durations never compare.

    Raises UserError when none compares, or when `speech` is None and there are several.
    """
    if speech is None:
        if len(measured) == 1:
            return measured[0]
        raise UserError(f"--data: say how much speech; the results have {listed(measured)}")
    wanted = Shots.parse(speech)
    timed = wanted.unit in SECONDS
    parsed = {name: Shots.parse(name) for name in measured}
    alike = {name: shots for name, shots in parsed.items() if (shots.unit in SECONDS) == timed}
    if not alike:
        kind = "utterances" if timed else "durations"
        raise UserError(
            f"--data {speech}: the results are for {listed(measured)} ({kind}); utterances and "
            "minutes cannot be compared"
        )
    target = math.log(_amount(wanted))
    return min(alike, key=lambda name: abs(math.log(_amount(alike[name])) - target))


def _amount(shots: Shots) -> float:
    return shots.amount * SECONDS.get(shots.unit, 1)


def _nearest_miss(board: Board, rows: list[Combination], limits: DeviceLimits) -> str:
    measured = [row for row in rows if is_known(limits.excess(row))]
    if not measured:
        return f"no combination is known to meet {limits}: {_missing(rows, limits)}"
    # To 1 %, so that among files of one size the best is named.
    row = min(measured, key=lambda row: round(limits.excess(row), 2))
    costs = [size(row.cost.size_bytes)]
    if is_known(row.cost.latency_p95_ms):
        costs.append(f"{number(row.cost.latency_p95_ms)} ms (95th percentile)")
    return (
        f"no combination meets {limits}; the nearest miss is {board.label(row)}: {listed(costs)}, "
        f"{limits.excess(row):.3g} times the limit"
    )


def _missing(rows: list[Combination], limits: DeviceLimits) -> str:
    """Which measurement is missing to judge combinations by the limits."""
    if not math.isfinite(limits.latency_ms):
        return "sizes were not measured"
    medians = [row.cost.latency_p50_ms for row in rows if is_known(row.cost.latency_p50_ms)]
    if not medians:
        return "size or latency was not measured"
    return (
        "the 95th percentile of latency was not measured, which takes "
        f"{min_runs(0.95)} runs (`timing: runs`); the lowest median is {number(min(medians))} ms"
    )


def _doubts(
    results: Results,
    whole: Board,
    best: Combination,
    others: list[tuple[Combination, Difference]],
    choices: dict[str, list[tuple[Combination, Difference]]],
) -> list[str]:
    doubts = []
    tied = [a for a, judged in choices.items() if any(not d.significant for _, d in judged)]
    if tied:
        doubts.append(f"More than one value may be the best for {listed(tied)} (see above).")
    if not others:
        doubts.append("Only one combination meets the limits: there is nothing to compare it with.")
    elif not any(difference.significant for _, difference in others):
        rest = (
            f"All {len(others)} other combinations are" if len(others) > 1 else "The other one is"
        )
        doubts.append(f"{rest} statistically tied with the one named here.")
    if whole.hopeless:
        doubts.append(f"No combination recognises {listed(list(whole.hopeless))}.")
    spent = results.records.groupby("method")["meta_train_gradients"].max()
    if spent[best.axes["method"]] == 0:
        doubts.append("No method did better than starting from random weights.")
    for row, difference in choices["method"]:
        if spent[row.axes["method"]] == 0 and not difference.significant:
            method = row.axes["method"]
            doubts.append(f"It is statistically tied with starting from random weights ({method}).")
    own = results.records
    for axis, value in best.axes.items():
        own = own[own[axis] == value]
    if failed := int(collapsed(own).sum()):
        doubts.append(f"{failed} of its {len(own)} cells collapsed: their training failed.")
    if best.num_seeds < 2:
        doubts.append("With one seed, the comparison is between trained models, not methods.")
    return doubts


def _basis(results: Results, whole: Board, best: Combination, num_fitting: int) -> list[str]:
    records = results.records[results.records["language"].isin(whole.languages)]
    lines = []
    for language, cells in records.groupby("language", sort=False):
        speech = "synthetic speech" if cells["synthetic"].any() else "recorded speech"
        count = number(float(cells["n_utterances"].max()), 6) or "an unknown number of"
        lines.append(f"{language}: {speech}, {count} test utterances")
    draws = records["draw"].nunique()
    lines.append(f"seeds: {best.num_seeds}; draws of the adaptation speech: {draws}")
    missing = sum(not row.complete for row in whole.combinations)
    unusable = sum(row.complete and not row.usable for row in whole.combinations)
    ceilings = sum(row.complete for row in whole.ceilings)
    total = counted(len(whole.combinations), "combination")
    reasons = {"without every language": missing, "not usable": unusable, "ceilings": ceilings}
    left_out = "".join(f"; {reason}: {number}" for reason, number in reasons.items() if number)
    verb = "meets" if num_fitting == 1 else "meet"
    lines.append(f"{num_fitting} of {total} {verb} the limits{left_out}")
    if is_known(best.cost.latency_p50_ms) or is_known(best.cost.latency_p95_ms):
        protocol = results.provenance.get("timing_protocol") or {}
        lengths = protocol.get("seconds", [])
        first = lengths[0] if isinstance(lengths, list) and lengths else lengths
        length = f" of {first:g} s" if first else ""
        where = machine(results.provenance) or "a machine that was not recorded"
        lines.append(f"latencies: one utterance{length} on {where}; other machines differ")
        if not is_known(best.cost.latency_p95_ms):
            lines.append(
                "latencies are medians: the 95th percentile was not measured, which takes "
                f"{min_runs(0.95)} runs"
            )
    else:
        lines.append("latencies were not measured")
    return lines
