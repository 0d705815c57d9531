"""The report in a few lines of Markdown, small enough for a pull-request comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmark.report.findings import Finding
from benchmark.report.load import Results
from benchmark.report.sensitivity import Sensitivity
from benchmark.report.spending import Spent, spending
from benchmark.report.tables import Board
from benchmark.report.verdicts import Verdicts, rule
from benchmark.scoring.usable import NOTHING_USABLE
from benchmark.statistics.estimate import is_known
from benchmark.text.escape import escape
from benchmark.text.provenance import machine, revision
from benchmark.text.words import duration, flops, listed, number, percent, rate, size

MAX_CHARACTERS = 6000
MAX_ROWS = 8
MAX_FAILURES = 5
MAX_STUDIES = 6


def to_markdown(
    results: Results,
    verdicts: Verdicts,
    findings: Sequence[Finding],
    guidance: Sequence[Finding],
    sensitivity: Sensitivity | None = None,
) -> str:
    """The text of `summary.md`, fewer than MAX_CHARACTERS characters."""
    board = verdicts.board
    sections = [
        _headline(results, board),
        _list(findings),
        "**Advice**\n\n" + _list(guidance) if guidance else "",
        _best(verdicts),
        _grid(board),
        _sensitivity(sensitivity) if sensitivity else "",
        _failures(results),
        _spending(results, board),
    ]
    provenance = _provenance(results)
    text = ""
    for section in filter(None, sections):
        if len(text) + len(section) + len(provenance) + 4 < MAX_CHARACTERS:
            text += section + "\n\n"
    return text + provenance + "\n"


def _headline(results: Results, board: Board) -> str:
    records = results.records
    num_ok = int((records["status"] == "ok").sum())
    synthetic = " **Synthetic speech.**" if records["synthetic"].any() else ""
    nothing = f"**{NOTHING_USABLE}**\n\n" if board.ranked and board.best is None else ""
    return (
        f"## {escape(results.suite)}\n\n{nothing}{num_ok} of {len(records)} cells have a result: "
        f"{len(board.rows)} combinations on {escape(listed(list(board.languages), 12), 300)}."
        f"{synthetic}"
    )


def _list(findings: Sequence[Finding]) -> str:
    return "\n".join(f"- **{escape(f.title)}**: {escape(f.text, 500)}" for f in findings)


def _best(verdicts: Verdicts) -> str:
    board = verdicts.board
    if not board.ranked:
        return ""
    lines = [
        f"| group | combination | {board.error_name} [95 %] | against the best | size | latency "
        "| seeds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, error in board.ranked[:MAX_ROWS]:
        latency = number(row.cost.latency_p50_ms)
        verdict = verdicts.against_best.get(row.key)
        note = verdict.difference if verdict else ""
        if verdict and not verdict.apart:
            note = ", ".join(filter(None, [note, "tied"]))
        note = note if row.complete else f"only {listed(list(row.languages))}"
        note = note if row.usable else "not usable"
        lines.append(
            f"| {verdicts.groups.get(row.key, '')} | {escape(board.label(row))} | {rate(error)} "
            f"| {escape(note)} | {size(row.cost.size_bytes)} "
            f"| {latency + ' ms' if latency else ''} | {row.num_seeds} |"
        )
    return "\n".join(lines) + "\n\n" + escape(rule(verdicts), 600)


def _grid(board: Board) -> str:
    best = board.lead
    if best is None:
        return ""
    cells = {
        (row.axes["method"], row.axes["compression"]): rate(row.error)
        for row in board.near(best, "method", "compression")
        if row.error is not None
    }
    columns = board.values["compression"][:6]
    lines = [f"| {board.error_name} | " + " | ".join(map(escape, columns)) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for method in board.values["method"][:12]:
        values = [cells.get((method, column), "") for column in columns]
        lines.append(f"| {escape(method)} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def _sensitivity(found: Sensitivity) -> str:
    lines = [
        f"**Sensitivity to settings**: {found.error_name} on {escape(listed([*found.languages]))},"
        " where settings were chosen",
        "",
        "| study | default | best | median | worst | trials |",
        "|---|---|---|---|---|---|",
    ]
    for spread in found.spreads[:MAX_STUDIES]:
        rates = (spread.default, spread.best, spread.median, spread.worst)
        shown = " | ".join(f"{percent(rate)} %" if is_known(rate) else "" for rate in rates)
        lines.append(f"| {escape(found.label(spread))} | {shown} | {spread.trials} |")
    if len(found.spreads) > MAX_STUDIES:
        lines.append(f"\nand {len(found.spreads) - MAX_STUDIES} other studies")
    return "\n".join(lines)


def _spending(results: Results, board: Board) -> str:
    """What a method costs to train and to adapt, in a line each."""
    spent = spending(results.records, board)
    if not spent.known:
        return ""
    adaptation: dict[str, Spent] = {}
    for item in spent.adaptation:
        adaptation.setdefault(item.axes["method"], item)
    lines = ["| method | meta-training | adaptation |", "|---|---|---|"]
    for item in spent.meta_training[:MAX_ROWS]:
        own = adaptation[item.axes["method"]]
        lines.append(f"| {escape(item.axes['method'])} | {_cost(item)} | {_cost(own)} |")
    return "\n".join(lines)


def _cost(spent: Spent) -> str:
    facts = (flops(spent.flops), duration(spent.seconds), size(spent.peak_memory_bytes))
    return ", ".join(filter(None, facts)) if spent.gradients else "none"


def _failures(results: Results) -> str:
    failed = results.records[results.records["status"] != "ok"]
    if failed.empty:
        return ""
    lines = [f"**{len(failed)} cells without a result**"]
    reasons = Counter(zip(failed["status"], failed["error"], strict=True))
    for (status, error), count in reasons.most_common(MAX_FAILURES):
        lines.append(f"- {count} {escape(status)}: {escape(error, 200)}")
    if len(reasons) > MAX_FAILURES:
        lines.append(f"- and {len(reasons) - MAX_FAILURES} other reasons")
    return "\n".join(lines)


def _provenance(results: Results) -> str:
    parts = [
        str(results.provenance.get("created") or ""),
        machine(results.provenance),
        revision(results.provenance),
    ]
    known = [escape(part, 200) for part in parts if part]
    return f"<sub>{' / '.join(known) or 'provenance not recorded'}</sub>"
