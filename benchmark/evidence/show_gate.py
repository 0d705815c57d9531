"""The gate's findings for a terminal, a pull request and a CI system."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from rich.console import Console

from benchmark.evidence.gate import CellVerdict, Gate, losses
from benchmark.evidence.verdict import Verdict
from benchmark.text.escape import escaped
from benchmark.text.tables import Grid, varying

MOST = 20
FEW = 5
"""Rows of a table: of what was told apart, and of what was not."""

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
    """Print what did not pass, what it rests on, and the verdict last."""
    console.print(f"baseline:  {gate.baseline}\ncandidate: {gate.candidate}", markup=False)
    if _told(gate):
        console.print(_grid(gate).terminal())
    for line in _lines(gate):
        console.print(line, markup=False)
    console.print(f"{gate.verdict}: {_headline(gate)}", style=_STYLES[gate.verdict], markup=False)


def markdown(gate: Gate) -> str:
    """A comment for a pull request, or GitHub's step summary."""
    parts = [f"### Benchmark: {gate.verdict}", escaped(_headline(gate))]
    if _told(gate):
        parts.append(_grid(gate).markdown())
    parts.append("\n".join(f"- {escaped(line)}" for line in _lines(gate)))
    return "\n\n".join(parts) + "\n"


def junit(gate: Gate) -> str:
    """JUnit XML: a test case per cell and one overall.

    Regressed is a failure, missing and not comparable an error, inconclusive is skipped.
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
    return f"all cells together {gate.judgement.reason}; {counts} of {len(gate.cells)} cells"


def _told(gate: Gate) -> list[CellVerdict]:
    """The cells that did not just pass, the most telling first."""
    order = sorted(set(Verdict) - {Verdict.PASS}, key=_interest)
    return [cell for verdict in order for cell in gate.cells if cell.verdict is verdict]


def _interest(verdict: Verdict) -> tuple[bool, int]:
    """As severe as it is, but what is told apart before what is not."""
    return verdict is Verdict.INCONCLUSIVE, list(Verdict).index(verdict)


def _grid(gate: Gate) -> Grid:
    cells = _told(gate)
    axes = varying([cell.axes for cell in gate.cells])
    unsure = [cell for cell in cells if cell.verdict is Verdict.INCONCLUSIVE]
    shown = [cell for cell in cells if cell not in unsure][:MOST] + unsure[:FEW]
    rows = [
        (cell.verdict, *(cell.axes[axis] for axis in axes), cell.deciding.reason) for cell in shown
    ]
    if more := len(cells) - len(shown):
        rows.append((f"and {more} more", *([""] * len(axes)), ""))
    return Grid(("verdict", *axes, "why"), tuple(rows))


def _lines(gate: Gate) -> Iterator[str]:
    if gate.verdict is Verdict.REGRESSED and not gate.count(Verdict.REGRESSED):
        for line in losses(gate, 5):
            yield f"lost most, though not for sure each alone: {line}"
    limits = gate.thresholds
    yield (
        f"a loss counts from {limits.relative:.1%} relative or {100 * limits.absolute:.1f} points"
        f" on, at the {limits.level:.1%} level over all cells together"
    )
    source = "measured" if gate.measured else "assumed, since no system has two seeds"
    yield f"noise floor: seeds of one system differ by {gate.noise.relative:.1%} (sd), {source}"
    latencies = [j for cell in gate.cells for j in cell.judgements if j.measure == "latency"]
    for judgement in dict.fromkeys(latencies):
        yield f"{judgement.reason}: {judgement.verdict}, {latencies.count(judgement)} cells"
    yield from gate.notes
