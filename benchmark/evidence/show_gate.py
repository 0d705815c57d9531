"""Formats the outcome of the gate for a terminal, a pull request and a CI system."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from rich.console import Console

from benchmark.evidence.gate import CellVerdict, Gate, describe_losses
from benchmark.evidence.verdict import Verdict
from benchmark.text.escape import escaped
from benchmark.text.labels import value_label
from benchmark.text.tables import TextTable, varying

MOST = 20
FEW = 5
"""The most rows of a table: MOST of cells with a clear verdict, FEW of inconclusive cells."""

_STYLES = {
    Verdict.REGRESSED: "bold red",
    Verdict.MISSING: "bold red",
    Verdict.NOT_COMPARABLE: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.FIXED: "bold green",
    Verdict.IMPROVED: "bold green",
    Verdict.PASS: "bold green",
}


def show(gate: Gate, console: Console) -> None:
    """Print the cells that did not pass, the evidence, and finally the overall verdict."""
    console.print(f"baseline:  {gate.baseline}\ncandidate: {gate.candidate}", markup=False)
    if _not_passed(gate):
        console.print(_table(gate).terminal())
    for line in _lines(gate):
        console.print(line, markup=False)
    console.print(f"{gate.verdict}: {_headline(gate)}", style=_STYLES[gate.verdict], markup=False)


def markdown(gate: Gate) -> str:
    """The outcome as Markdown, for a pull request or GitHub's step summary."""
    parts = [f"### Benchmark: {gate.verdict}", escaped(_headline(gate))]
    if _not_passed(gate):
        parts.append(_table(gate).markdown())
    parts.append("\n".join(f"- {escaped(line)}" for line in _lines(gate)))
    return "\n\n".join(parts) + "\n"


def junit(gate: Gate) -> str:
    """The outcome as JUnit XML: a test case per cell and an overall one.

    Regressed is a failure, missing and not comparable are errors, inconclusive is skipped.
    """
    suite = ElementTree.Element("testsuite", name="benchmark check")
    _case(suite, "overall", gate.verdict, _headline(gate))
    for cell in gate.cells:
        _case(suite, ", ".join(cell.axes.values()), cell.verdict, cell.deciding.reason)
    kinds = [case[0].tag for case in suite if len(case)]
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(kinds.count("failure")))
    suite.set("errors", str(kinds.count("error")))
    suite.set("skipped", str(kinds.count("skipped")))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, name: str, verdict: Verdict, reason: str) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname="benchmark", name=name)
    tags = {
        Verdict.REGRESSED: "failure",
        Verdict.MISSING: "error",
        Verdict.NOT_COMPARABLE: "error",
        Verdict.INCONCLUSIVE: "skipped",
    }
    if tag := tags.get(verdict):
        ElementTree.SubElement(case, tag, message=f"{verdict}: {reason}")


def _headline(gate: Gate) -> str:
    counts = ", ".join(f"{gate.count(v)} {v}" for v in Verdict if gate.count(v))
    return f"all cells together: {gate.judgement.reason}; {counts} of {len(gate.cells)} cells"


def _not_passed(gate: Gate) -> list[CellVerdict]:
    """The cells that did not pass, the most important first."""
    order = sorted(set(Verdict) - {Verdict.PASS}, key=_interest)
    return [cell for verdict in order for cell in gate.cells if cell.verdict is verdict]


def _interest(verdict: Verdict) -> tuple[bool, int]:
    """The order of severity, with inconclusive cells last."""
    return verdict is Verdict.INCONCLUSIVE, list(Verdict).index(verdict)


def _table(gate: Gate) -> TextTable:
    cells = _not_passed(gate)
    axes = varying([cell.axes for cell in gate.cells])
    inconclusive = [cell for cell in cells if cell.verdict is Verdict.INCONCLUSIVE]
    shown = [cell for cell in cells if cell not in inconclusive][:MOST]
    shown += inconclusive[:FEW]
    rows = [(cell.verdict, *_labels(cell, axes), cell.deciding.reason) for cell in shown]
    if more := len(cells) - len(shown):
        rows.append((f"and {more} more", *([""] * len(axes)), ""))
    return TextTable(("verdict", *axes, "why"), tuple(rows))


def _labels(cell: CellVerdict, axes: list[str]) -> list[str]:
    return [value_label(axis, cell.axes[axis]) for axis in axes]


def _lines(gate: Gate) -> Iterator[str]:
    if gate.verdict is Verdict.REGRESSED and not gate.count(Verdict.REGRESSED):
        for line in describe_losses(gate, 5):
            yield f"largest losses, none of them significant on its own: {line}"
    limits = gate.thresholds
    yield (
        f"tolerated loss: {limits.relative:.1%} relative or {100 * limits.absolute:.1f} points;"
        f" false-alarm rate of the whole gate: {limits.level:.1%}"
    )
    source = "measured" if gate.measured else "assumed, since no system has two seeds"
    yield f"seed noise: {gate.noise.relative:.1%} relative (standard deviation), {source}"
    latencies = [j for cell in gate.cells for j in cell.judgements if j.measure == "latency"]
    for judgement in dict.fromkeys(latencies):
        yield f"{judgement.reason}: {judgement.verdict}, {latencies.count(judgement)} cells"
    yield from gate.notes
