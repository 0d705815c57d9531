"""Run a cell afresh and compare it with what was published, stage by stage."""

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
from benchmark.session.run import Options, run_suite
from benchmark.store.identity import differences
from benchmark.suite.matrix import Matrix

Answer = Literal["same", "different", "not reproducible here"]


@dataclass(frozen=True)
class Verdict:
    """Whether a cell came out as it was published.

    stages  one line per stage that was compared, such as `adapt: same weights`
    reason  what differs first, or why the cell cannot be run here; empty when it is the same
    """

    answer: Answer
    stages: tuple[str, ...] = ()
    reason: str = ""


def reproduce(
    published: PublishedCell, data: Path | None, device: str, console: Console
) -> Verdict:
    """Run the stages of a cell in a scratch folder; only prepared corpora are taken from the cache.

    `device` is cpu, cuda, or auto for the one that the cell was run on.
    """
    try:
        there = choose_device(published.device if device == "auto" else device)
        rebuilt = rebuild(published, data)
        with tempfile.TemporaryDirectory() as scratch:
            options = Options(Path(scratch), there, jobs=1)
            # No cells: this prepares the languages, and keys are known only then.
            speech = run_suite(rebuilt.suite, Matrix((), ()), options, console).plan.speech
            _check_speech(published, speech)
            matrix = Matrix((rebuilt.cell,), ())
            _check_keys(published, make_plan(rebuilt.suite, matrix, speech, there))
            return _run(published, rebuilt, options, console)
    except UserError as error:
        return Verdict("not reproducible here", reason=str(error))


def _check_speech(published: PublishedCell, speech: Speech) -> None:
    """Raises DataError when a corpus is absent or another one."""
    for language in speech.languages.values():
        if language.blocked:
            raise DataError(language.blocked)
    for corpus in published.provenance.get("corpora") or ():
        known = speech.languages.get(str(corpus.get("language")))
        if known and corpus.get("digest") and known.digest != corpus["digest"]:
            raise DataError(
                f"the speech of {known.name} is other speech here: digest {known.digest[:12]},"
                f" not {str(corpus['digest'])[:12]}"
            )


def _check_keys(published: PublishedCell, plan: Plan) -> None:
    """Raises UserError when this version would compute something else."""
    cell = plan.cells[0]
    if cell.id != published.cell:
        found = differences(cell.settings, published.params) or ["its name fits no settings"]
        raise UserError(f"its settings mean another cell here: {'; '.join(found[:3])}")
    keys = {stage.key for stage in plan.graph.lineage([cell.stages["evaluate"]])}
    for stage in published.lineage:
        if stage["key"] not in keys:
            made = (published.provenance.get("git") or {}).get("commit")
            with_code = f"; the cell was made with commit {str(made)[:12]}" if made else ""
            raise UserError(
                f"stage {stage['kind']} is another computation in this version{with_code}"
            )


def _run(published: PublishedCell, rebuilt: Rebuilt, options: Options, console: Console) -> Verdict:
    outcome = run_suite(rebuilt.suite, Matrix((rebuilt.cell,), ()), options, console)
    made = read_run(outcome.folder)
    row = made.records.iloc[0]
    if row["status"] != published.status:
        why = f" ({row['error']})" if row["status"] != "ok" else ""
        return Verdict("different", reason=f"its status is {row['status']}{why} here")
    if row["status"] != "ok":
        return Verdict("same", (f"status: {row['status']} again",))
    heard = made.utterances(("uid", "hypothesis"))
    hypotheses = digest(heard["uid"], heard["hypothesis"].fillna(""))
    return _compared(published, json.loads(row["lineage"]), hypotheses)


def _compared(published: PublishedCell, fresh: list[dict[str, Any]], hypotheses: str) -> Verdict:
    lines = []
    first = ""
    contents = {stage["key"]: stage["content"] for stage in fresh}
    for stage in published.lineage:
        known, found = stage.get("content"), contents.get(stage["key"])
        if known and found:
            lines.append(f"{stage['kind']}: {'same' if known == found else 'different'} weights")
            if known != found:
                first = first or stage["kind"]
    if published.hypotheses is None:
        return Verdict(
            "not reproducible here", tuple(lines), "its hypotheses were not kept, to compare with"
        )
    same = published.hypotheses == hypotheses
    lines.append(f"evaluate: {'same' if same else 'different'} hypotheses")
    if same and not first:
        return Verdict("same", tuple(lines))
    if same:
        return Verdict(
            "same",
            tuple(lines),
            f"the weights differ from stage {first} on, the hypotheses do not",
        )
    hardware = published.provenance.get("hardware") or {}
    made_on = f"; it was made on {hardware['cpu']}" if hardware.get("cpu") else ""
    return Verdict(
        "different", tuple(lines), f"stage {first or 'evaluate'} is the first that differs{made_on}"
    )
