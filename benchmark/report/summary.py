"""The report in a few lines of Markdown, small enough for a pull-request comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmark.board.board import CEILING, Board
from benchmark.board.ranking import Ranking
from benchmark.report.sensitivity import Sensitivity
from benchmark.report.sentences.finding import Finding
from benchmark.report.spending import Spent, spending
from benchmark.results.load import Results
from benchmark.statistics.estimate import is_known
from benchmark.text.counts import counted
from benchmark.text.escape import escape
from benchmark.text.provenance import machine, revision
from benchmark.text.words import duration, flops, listed, number, percent, rate, size

MAX_CHARACTERS = 6000
MAX_ROWS = 8
MAX_FAILURES = 5
MAX_STUDIES = 6


def to_markdown(
    results: Results,
    ranking: Ranking,
    findings: Sequence[Finding],
    guidance: Sequence[Finding],
    sensitivity: Sensitivity | None = None,
) -> str:
    """The text of `summary.md`, fewer than MAX_CHARACTERS characters."""
    board = ranking.board
    sections = [
        _headline(results, board),
        _list(findings),
        "**Advice**\n\n" + _list(guidance) if guidance else "",
        _best(ranking),
        _methods_by_compression(board),
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
    nothing = f"**{board.nothing_to_recommend}**\n\n" if board.nothing_to_recommend else ""
    return (
        f"## {escape(results.suite)}\n\n{nothing}{num_ok} of {len(records)} cells have a result: "
        f"{len(board.combinations)} combinations on"
        f" {escape(listed(list(board.languages), 12), 300)}.{synthetic}"
    )


def _list(findings: Sequence[Finding]) -> str:
    return "\n".join(f"- **{escape(f.title)}**: {escape(f.text, 500)}" for f in findings)


def _best(ranking: Ranking) -> str:
    board = ranking.board
    if not board.scored:
        return ""
    lines = [
        f"| group | combination | {board.error_name} [95 %] | \u0394 vs. best | size | latency "
        "| seeds |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = board.scored[:MAX_ROWS]
    rows += [pair for pair in board.scored[MAX_ROWS:] if pair[0].ceiling][:1]
    for row, error in rows:
        latency = number(row.cost.latency_p50_ms)
        difference = ranking.against_best.get(row.key)
        note = difference.sentence if difference else ""
        if difference and not difference.significant:
            note = ", ".join(filter(None, [note, "tied"]))
        note = note if row.complete else f"only {listed(list(row.languages))}"
        note = CEILING if row.ceiling else note
        note = note if row.usable else "not usable"
        lines.append(
            f"| {ranking.groups.get(row.key, '')} | {escape(board.label(row))} | {rate(error)} "
            f"| {escape(note)} | {size(row.cost.size_bytes)} "
            f"| {latency + ' ms' if latency else ''} | {row.num_seeds} |"
        )
    return "\n".join(lines) + "\n\n" + escape(ranking.rule, 700)


def _methods_by_compression(board: Board) -> str:
    best = board.lead
    if best is None:
        return ""
    cells = {
        (row.axes["method"], row.axes["compression"]): rate(row.error)
        for row in board.near(best, "method", "compression")
        if row.error is not None
    }
    columns = board.values["compression"][:6]
    names = [board.value_label("compression", name) for name in columns]
    lines = [f"| {board.error_name} | " + " | ".join(map(escape, names)) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for method in board.values["method"][:12]:
        values = [cells.get((method, column), "") for column in columns]
        name = escape(board.value_label("method", method))
        lines.append(f"| {name} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def _sensitivity(sensitivity: Sensitivity) -> str:
    lines = [
        f"**Sensitivity to settings**: {sensitivity.error_name} on the validation languages"
        f" {escape(listed([*sensitivity.languages]))}",
        "",
        "| study | default | best | median | worst | trials |",
        "|---|---|---|---|---|---|",
    ]
    for spread in sensitivity.spreads[:MAX_STUDIES]:
        rates = (spread.default, spread.best, spread.median, spread.worst)
        shown = " | ".join(f"{percent(rate)} %" if is_known(rate) else "" for rate in rates)
        lines.append(f"| {escape(sensitivity.label(spread))} | {shown} | {spread.trials} |")
    if len(sensitivity.spreads) > MAX_STUDIES:
        lines.append(f"\nand {len(sensitivity.spreads) - MAX_STUDIES} other studies")
    return "\n".join(lines)


def _spending(results: Results, board: Board) -> str:
    """What a method costs to train and to adapt, in a line each."""
    spent = spending(results.records, board)
    if not spent.measured:
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
    lines = [f"**{counted(len(failed), 'cell')} without a result**"]
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
    recorded = [escape(part, 200) for part in parts if part]
    return f"<sub>{' / '.join(recorded) or 'provenance not recorded'}</sub>"
