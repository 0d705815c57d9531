"""From the cells of a suite to the stages they share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from benchmark.data.text import NORMALISER
from benchmark.errors import DataError, SuiteError
from benchmark.measure.hardware import fingerprint
from benchmark.plan.graph import Graph, Kind, PlannedCell
from benchmark.plan.heads import impossible
from benchmark.plan.pace import Paces, Unpaced
from benchmark.plan.speech import Speech
from benchmark.plan.stages import Stages, runtime_identity, uncompressed
from benchmark.registry import RUNTIMES
from benchmark.runtimes.base import NATIVE, Runtime
from benchmark.store.identity import NOT_IDENTITY, key
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Choice, Suite

CELL_ID_LENGTH = 12


class Candidate(NamedTuple):
    """An artefact that can stand for its structure in timing, and the uncompressed one beside it.

    Both are keys of `compress` stages.
    """

    artefact: str
    reference: str


@dataclass
class Plan:
    """The stages that the cells of a suite need, and what each cell rests on.

    `candidates` holds, for each `time` stage, the artefacts of its structure: when one of them
    cannot be made, another is timed.
    """

    suite: Suite
    matrix: Matrix
    speech: Speech
    hardware: dict[str, Any]
    graph: Graph = field(default_factory=Graph)
    cells: list[PlannedCell] = field(default_factory=list)
    candidates: dict[str, list[Candidate]] = field(default_factory=dict)


def make_plan(
    suite: Suite, matrix: Matrix, speech: Speech, device: str, store: StageStore | None = None
) -> Plan:
    """The plan of a suite, as far as its speech is known, and in `store` its paces if it has any.

    Raises SuiteError when speech that is prepared breaks a rule of the suite: too few utterances
    for its shots, a test set that shares speakers or texts with the support pool, or languages of
    different roles that share a recording.
    """
    plan = Plan(suite, matrix, speech, fingerprint(device))
    for language in speech.languages.values():
        if language.stage:
            plan.graph.add(language.stage)
    stages = Stages(suite, speech, plan.hardware, plan.graph)
    if suite.budget.equal == "seconds":
        stages.paces = Paces(stages, store)
    try:
        speech.check_roles()
        for language_name in suite.data.test:
            speech.sharing(language_name)
        for cell in matrix.cells:
            plan.cells.append(_planned(cell, stages, plan.candidates))
    except DataError as error:
        raise SuiteError(str(error), suite.path) from None
    return plan


def _planned(cell: Cell, stages: Stages, candidates: dict[str, list[Candidate]]) -> PlannedCell:
    settings = cell_settings(stages.suite, cell)
    cell_id = key(settings)[:CELL_ID_LENGTH]
    speech = stages.speech
    blocked = speech.blocked_tuning if cell.awaits_tuning else speech.blocked_training
    blocked = blocked or speech.languages[cell.language].blocked
    if blocked := blocked or cell.model.blocked:
        return PlannedCell(cell, cell_id, settings, {}, blocked)
    chain = cell.compression.member
    reason = impossible(cell) or chain.wrong_order() or chain.wrong_time(cell.method.member)
    if reason := reason or cell.model.member.missing() or cell.runtime.member.missing():
        return PlannedCell(cell, cell_id, settings, {}, reason, "unsupported")
    if stages.paces:
        try:
            settings["pace"] = stages.paces.ratios(cell)
        except Unpaced as error:
            return PlannedCell(cell, cell_id, settings, {}, str(error), error.status)
        cell_id = key(settings)[:CELL_ID_LENGTH]
    none = uncompressed()
    adapt = stages.adapt(cell, cell.compression)
    compress = stages.compress(cell, cell.compression, adapt)
    reference = stages.compress(cell, none, stages.adapt(cell, none))
    evaluate = stages.evaluate(cell, compress)
    time = stages.time(cell, compress)
    candidates.setdefault(time, []).append(Candidate(compress, reference))
    keys: dict[Kind, str] = {
        "adapt": adapt,
        "compress": compress,
        "evaluate": evaluate,
        "score": stages.score(cell, evaluate),
        "time": time,
    }
    if stages.suite.curve and chain.when == "after":
        keys["curve"] = stages.curve(cell, adapt)
        keys["score_curve"] = stages.score_curve(cell, keys["curve"])
    if cell.method.member.meta_trains:
        keys["meta_train"] = stages.meta_train(cell)
    return PlannedCell(cell, cell_id, settings, keys)


def cell_settings(suite: Suite, cell: Cell) -> dict[str, Any]:
    """Every setting of a cell, as JSON values; names the cell on every machine."""
    source = suite.data.source.identity
    asked = {"curve": list(suite.curve)} if suite.curve else {}
    return {
        **cell.labels,
        **asked,
        "draw": cell.draw,
        "settings": {
            "model": cell.model.identity,
            "method": cell.method.identity,
            "outer": cell.outer.identity,
            "optimizer": cell.optimizer.identity,
            "compression": cell.compression.identity,
            **runtime_identity(cell),
        },
        "data": {
            **source,
            "settings": {k: v for k, v in source["settings"].items() if k not in NOT_IDENTITY},
            "train": list(suite.data.train),
            "limits": asdict(suite.data.limits),
            "disjoint": sorted(suite.data.must_differ(cell.language)),
        },
        "budget": suite.budget.settings,
        "features": asdict(suite.features),
        "augmentation": asdict(suite.augmentation),
        "precision": suite.precision,
        "normaliser": NORMALISER,
        **(_tuned(suite, cell) if cell.tuned else {}),
    }


def _tuned(suite: Suite, cell: Cell) -> dict[str, Any]:
    """How the settings of a tuned cell were found, and of which entries it is the tuned version."""
    assert suite.tune is not None, "cells are tuned where the suite tunes"
    axes = {"method": cell.method.tuned_from, "optimizer": cell.optimizer.tuned_from}
    return {
        "tuned": {
            "from": {axis: label for axis, label in axes.items() if label},
            "trials": suite.tune.trials,
            "draws": suite.tune.draws,
            "validation": list(suite.data.validation),
        }
    }


def native() -> Choice[Runtime]:
    """The runtime that is always there."""
    runtime = RUNTIMES.make(NATIVE)
    return Choice(NATIVE, runtime, RUNTIMES.identity(NATIVE, runtime))
