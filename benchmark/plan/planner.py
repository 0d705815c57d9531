"""From the cells of a suite to the stages they share."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmark.errors import DataError, SuiteError
from benchmark.measure.hardware import fingerprint
from benchmark.plan.builder import Builder
from benchmark.plan.graph import Graph, PlannedCell
from benchmark.plan.heads import impossible
from benchmark.plan.members import uncompressed
from benchmark.plan.pace import Paces, Unpaced
from benchmark.plan.settings import CellSettings
from benchmark.plan.speech import Speech
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Suite
from benchmark.system.garbage import no_garbage


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
            plan.graph.keep(language.stage)
    planner = _Planner(plan, store)
    try:
        speech.check_roles()
        for language_name in suite.data.test:
            speech.sharing(language_name)
        with no_garbage():
            plan.cells += map(planner.planned, matrix.cells)
    except DataError as error:
        raise SuiteError(str(error), suite.path) from None
    return plan


class _Planner:
    """Plans cells one by one."""

    def __init__(self, plan: Plan, store: StageStore | None) -> None:
        self.plan = plan
        self.builder = Builder(plan.suite, plan.speech, plan.hardware, plan.graph)
        if plan.suite.budget.equal == "seconds":
            self.builder.paces = Paces(self.builder, store)
        self.settings = CellSettings(plan.suite)
        self._obstacles: dict[Hashable, str | None] = {}
        self._absences: dict[Hashable, str | None] = {}

    def planned(self, cell: Cell) -> PlannedCell:
        """A cell with its stages, which are in the graph afterwards."""
        settings = self.settings.of(cell)
        if blocked := self._absence(cell):
            return PlannedCell(cell, self.settings.id(settings), settings, {}, blocked)
        if reason := self._obstacle(cell):
            cell_id = self.settings.id(settings)
            return PlannedCell(cell, cell_id, settings, {}, reason, "unsupported")
        if self.builder.paces:
            try:
                settings = {**settings, "pace": self.builder.paces.ratios(cell)}
            except Unpaced as error:
                cell_id = self.settings.id(settings)
                return PlannedCell(cell, cell_id, settings, {}, str(error), error.status)
        return PlannedCell(cell, self.settings.id(settings), settings, self._stages(cell))

    def _stages(self, cell: Cell) -> dict[str, str]:
        """The keys of its stages by kind."""
        builder, none = self.builder, uncompressed()
        adapt = builder.adapt(cell, cell.compression)
        compress = builder.compress(cell, cell.compression, adapt)
        plain = adapt if cell.compression.member.when == "after" else builder.adapt(cell, none)
        reference = builder.compress(cell, none, plain)
        evaluate = builder.evaluate(cell, compress)
        time = builder.time(cell, compress)
        self.plan.candidates.setdefault(time, []).append(Candidate(compress, reference))
        keys = {
            "adapt": adapt,
            "compress": compress,
            "evaluate": evaluate,
            "score": builder.score(cell, evaluate),
            "time": time,
        }
        if self.plan.suite.curve and cell.compression.member.when == "after":
            keys["curve"] = builder.curve(cell, adapt)
            keys["score_curve"] = builder.score_curve(cell, keys["curve"])
        if cell.method.member.meta_trains:
            keys["meta_train"] = builder.meta_train(cell)
        return keys

    def _absence(self, cell: Cell) -> str | None:
        """What a cell lacks of its data or its weights, if it lacks anything."""
        place = (cell.awaits_tuning, cell.language, cell.model)
        if place not in self._absences:
            speech = self.plan.speech
            blocked = speech.blocked_tuning if cell.awaits_tuning else speech.blocked_training
            blocked = blocked or speech.languages[cell.language].blocked
            self._absences[place] = blocked or cell.model.blocked
        return self._absences[place]

    def _obstacle(self, cell: Cell) -> str | None:
        """Why a cell makes no sense or cannot run here, if that is so."""
        place = (cell.model, cell.method, cell.compression, cell.head, cell.runtime)
        if place not in self._obstacles:
            chain = cell.compression.member
            reason = impossible(cell) or chain.wrong_order() or chain.wrong_time(cell.method.member)
            reason = reason or cell.model.member.missing() or cell.runtime.member.missing()
            self._obstacles[place] = reason
        return self._obstacles[place]
