"""Runs a published cell again and compares the result with the published one, stage by stage."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from benchmark.errors import DataError, UserError
from benchmark.execute.device import choose_device
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.reproduce.find import PublishedCell
from benchmark.reproduce.rebuild import Rebuilt, rebuild
from benchmark.results.hypotheses import digest
from benchmark.results.read import read_run
from benchmark.session.options import Options
from benchmark.session.run import run_suite
from benchmark.store.identity import differences
from benchmark.suite.matrix import Matrix
from benchmark.text.words import percent

Answer = Literal["same", "same within rounding", "different", "not reproducible here"]

ROUNDING = 0.01
"""Largest difference of an error rate that rounding in a stack explains: it changed 1 of 1,920
hypotheses."""


@dataclass(frozen=True)
class Reproduction:
    """Whether a cell could be reproduced.

    answer  whether the result is the same as the published one
    stages  one line per compared stage, such as `adapt: same weights`
    reason  the first difference, or why the cell cannot be compared; empty if nothing differs
    """

    answer: Answer
    stages: tuple[str, ...] = ()
    reason: str = ""


def reproduce(
    published: PublishedCell, data: Path | None, device: str, console: Console
) -> Reproduction:
    """Run the stages of a cell in a scratch folder. Only prepared corpora come from the cache.

    `device` is cpu, cuda, or auto, which means the device that the cell was run on.
    """
    try:
        chosen = choose_device(published.device if device == "auto" else device)
        rebuilt = rebuild(published, data)
        with tempfile.TemporaryDirectory() as scratch:
            options = Options(Path(scratch), chosen, jobs=1)
            # A run without cells prepares the languages; keys depend on the prepared speech.
            speech = run_suite(rebuilt.suite, Matrix((), ()), options, console).plan.speech
            _check_speech(published, speech)
            matrix = Matrix((rebuilt.cell,), ())
            _check_keys(published, make_plan(rebuilt.suite, matrix, speech, chosen))
            return _run(published, rebuilt, options, console)
    except UserError as error:
        return Reproduction("not reproducible here", reason=str(error))


def _check_speech(published: PublishedCell, speech: Speech) -> None:
    """Raise DataError if a corpus is absent or differs from the published one."""
    for language in speech.languages.values():
        if language.blocked:
            raise DataError(language.blocked)
    for corpus in published.provenance.get("corpora") or ():
        here = speech.languages.get(str(corpus.get("language")))
        if here and corpus.get("digest") and here.digest != corpus["digest"]:
            raise DataError(
                f"the speech of {here.name} differs from the published speech: digest"
                f" {here.digest[:12]} here, {str(corpus['digest'])[:12]} published"
            )


def _check_keys(published: PublishedCell, plan: Plan) -> None:
    """Raise UserError if this version would compute another cell."""
    cell = plan.cells[0]
    if cell.id != published.cell:
        reasons = differences(cell.settings, published.params)
        reasons = reasons or ["its name does not match its settings"]
        raise UserError(f"its settings mean another cell in this version: {'; '.join(reasons[:3])}")
    keys = {stage.key for stage in plan.graph.lineage([cell.stages["evaluate"]])}
    for stage in published.lineage:
        if stage["key"] not in keys:
            commit = (published.provenance.get("git") or {}).get("commit")
            origin = f"; the cell was run with commit {str(commit)[:12]}" if commit else ""
            raise UserError(f"this version computes stage {stage['kind']} differently{origin}")


def _run(
    published: PublishedCell, rebuilt: Rebuilt, options: Options, console: Console
) -> Reproduction:
    outcome = run_suite(rebuilt.suite, Matrix((rebuilt.cell,), ()), options, console)
    run = read_run(outcome.folder)
    row = run.records.iloc[0]
    if row["status"] != published.status:
        why = f" ({row['error']})" if row["status"] != "ok" else ""
        return Reproduction(
            "different",
            reason=f"its status is {row['status']}{why}, not {published.status} as published",
        )
    if row["status"] != "ok":
        return Reproduction("same", (f"status: {row['status']} again",))
    utterances = run.utterances(("uid", "hypothesis"))
    hypotheses = digest(utterances["uid"], utterances["hypothesis"].fillna(""))
    reproduction = _compare(published, json.loads(row["lineage"]), hypotheses)
    if reproduction.answer == "different" and published.stack > 1:
        return _within(published, float(row[published.metric]), reproduction)
    return reproduction


def _within(published: PublishedCell, rate: float, different: Reproduction) -> Reproduction:
    """What is different in a cell that learned in a stack may be no more than rounding."""
    if published.rate is None or not abs(rate - published.rate) <= ROUNDING:
        return different
    reason = (
        f"the cell learned in a stack of {published.stack}, which rounds differently;"
        f" {published.metric.upper()} is {percent(rate)} % here, and {percent(published.rate)} % as"
        " published"
    )
    return Reproduction("same within rounding", different.stages, reason)


def _compare(
    published: PublishedCell, lineage: list[dict[str, Any]], hypotheses: str
) -> Reproduction:
    """Compare the published cell with the lineage and the digest of hypotheses of the new run."""
    lines = []
    first = ""
    contents = {stage["key"]: stage["content"] for stage in lineage}
    for stage in published.lineage:
        expected, actual = stage.get("content"), contents.get(stage["key"])
        if expected and actual:
            answer = "same" if expected == actual else "different"
            lines.append(f"{stage['kind']}: {answer} weights")
            if expected != actual:
                first = first or stage["kind"]
    if published.hypotheses is None:
        reason = "its hypotheses were not recorded, so they cannot be compared"
        return Reproduction("not reproducible here", tuple(lines), reason)
    same = published.hypotheses == hypotheses
    lines.append(f"evaluate: {'same' if same else 'different'} hypotheses")
    if same and not first:
        return Reproduction("same", tuple(lines))
    if same:
        reason = f"the weights differ from stage {first} on, but the hypotheses are the same"
        return Reproduction("same", tuple(lines), reason)
    hardware = published.provenance.get("hardware") or {}
    machine = f"; the cell was run on {hardware['cpu']}" if hardware.get("cpu") else ""
    reason = f"stage {first or 'evaluate'} is the first that differs{machine}"
    return Reproduction("different", tuple(lines), reason)
