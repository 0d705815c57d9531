"""Rebuilds a suite with a single cell from the settings of that cell.

Members are built-in or installed as plug-ins, see `benchmark.registry`. No other code that a row
names is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter

from benchmark.axis import Axis
from benchmark.compression.chain.chain import Chain
from benchmark.data.augmentation import Augmentation
from benchmark.data.corpora.base import Corpus
from benchmark.data.episodes import Shots
from benchmark.data.features import Features
from benchmark.data.prepare import DataLimits
from benchmark.errors import UserError
from benchmark.plain_yaml import NotPlainError, parse
from benchmark.plan.members import native
from benchmark.registry import COMPRESSIONS, CORPORA, METHODS, MODELS, OPTIMIZERS, RUNTIMES
from benchmark.reproduce.find import PublishedCell
from benchmark.runtimes.base import Runtime
from benchmark.store.identity import NOT_IDENTITY, differences
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Budget, Choice, Data, Suite, Tune
from benchmark.suite.thresholds import Thresholds
from benchmark.suite.timing import Timing

T = TypeVar("T")

QUICK = Timing(runs=11, warmup=1, seconds=(0.1,), batch=1)
"""The shortest timing protocol, since latency is not compared."""


class Rebuilt(NamedTuple):
    """A suite, and its only cell."""

    suite: Suite
    cell: Cell


def rebuild(published: PublishedCell, data: Path | None) -> Rebuilt:
    """The suite with this cell only; `data` is the location of a folder corpus.

    Raises UserError if something that the cell needs is absent or has another version.
    """
    params = published.params
    try:
        return _build_suite(published, params, params["settings"], _source(published, data))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = " ".join(repr(error)[:300].split())
        raise UserError(f"its settings are not valid in this version: {reason}") from None


def _build_suite(
    published: PublishedCell,
    params: Mapping[str, Any],
    members: Mapping[str, Any],
    source: Choice[Corpus],
) -> Rebuilt:
    language = str(params["language"])
    shots = Shots.parse(params["shots"])
    tuned = params.get("tuned", {"from": {}, "validation": ()})
    origin = tuned["from"]
    cell = Cell(
        model=_choice(MODELS, params["model"], members["model"]),
        method=_choice(METHODS, params["method"], members["method"], origin.get("method")),
        outer=_choice(OPTIMIZERS, params["outer"], members["outer"]),
        optimizer=_choice(
            OPTIMIZERS, params["optimizer"], members["optimizer"], origin.get("optimizer")
        ),
        compression=_chain(params["compression"], members["compression"]),
        language=language,
        shots=shots,
        seed=int(params["seed"]),
        draw=params["draw"],
        head=params["head"],
        runtime=_runtime(params["runtime"], members.get("runtime")),
    )
    suite = Suite(
        name="reproduced",
        path=Path("reproduced"),
        text="",
        data=Data(
            source=source,
            train=tuple(params["data"]["train"]),
            validation=tuple(tuned["validation"]),
            test=(language,),
            shots=(shots,),
            disjoint={language: frozenset(params["data"]["disjoint"])},
            limits=_typed(DataLimits, params["data"]["limits"]),
        ),
        models=(cell.model,),
        methods=(cell.method,),
        optimizers=(cell.optimizer,),
        outer=(cell.outer,),
        compressions=(cell.compression,),
        seeds=(cell.seed,),
        draws=(cell.draw,),
        heads=(cell.head,),
        runtimes=(cell.runtime,),
        budget=_typed(Budget, {**params["budget"], "pace": params.get("pace")}),
        features=_typed(Features, params["features"]),
        augmentation=_typed(Augmentation, params["augmentation"]),
        precision=params["precision"],
        timing=QUICK,
        check=Thresholds(),
        stage_seconds=None,
        exclude=(),
        tune=Tune(tuned["trials"], tuned["draws"], {}) if origin else None,
        curve=tuple(params.get("curve", ())),
    )
    return Rebuilt(suite, cell)


def _typed(cls: type[T], values: dict[str, Any]) -> T:
    return TypeAdapter(cls).validate_python(values)


def _choice(
    axis: Axis[T], label: str, stored: dict[str, Any], tuned_from: str | None = None
) -> Choice[T]:
    """A member with its stored settings. Raises UserError if it has another identity here."""
    member = axis.rebuild(stored)
    identity = axis.identity(stored["name"], member)
    _check_same(axis.name, label, identity, stored)
    return Choice(label, member, identity, tuned_from=tuned_from)


def _chain(label: str, stored: dict[str, Any]) -> Choice[Chain]:
    choices = [_choice(COMPRESSIONS, link["name"], link) for link in stored["chain"]]
    members = tuple(choice.member for choice in choices)
    names = tuple(choice.label for choice in choices)
    chain = Chain(members, names, stored.get("when", "after"), stored.get("only"))
    return Choice(label, chain, chain.identity([choice.identity for choice in choices]))


def _runtime(label: str, stored: dict[str, Any] | None) -> Choice[Runtime]:
    """The runtime of a cell; settings of the native runtime are not stored."""
    if stored is not None:
        return _choice(RUNTIMES, label, stored)
    return native()


def _source(published: PublishedCell, data: Path | None) -> Choice[Corpus]:
    """The corpus. The path of a folder corpus is not a setting of the cell, since data may move."""
    stored = published.params["data"]
    name, settings = stored["name"], dict(stored["settings"])
    if "path" in CORPORA.find(name).cls.__dataclass_fields__:  # type: ignore[attr-defined]
        folder = data or _recorded_folder(published.provenance)
        if folder is None or not folder.is_dir():
            raise UserError(
                "its corpus is a folder"
                + (f" that does not exist here: {folder}" if folder else "")
                + "; give its location with --data DIR"
            )
        settings["path"] = str(folder.resolve())
    member = CORPORA.make(name, settings)
    identity = CORPORA.identity(name, member)
    here = {k: v for k, v in identity["settings"].items() if k not in NOT_IDENTITY}
    kept = {key: stored[key] for key in ("name", "version", "settings")}
    _check_same("corpus", name, {**identity, "settings": here}, kept)
    return Choice(name, member, identity)


def _recorded_folder(provenance: dict[str, Any]) -> Path | None:
    """The folder that `data.source` named in the suite of the cell; None if it named none."""
    try:
        source = parse(provenance["suite_text"])[0]["data"]["source"]
        path = source["path"] if isinstance(source, dict) else source
        relative = Path(provenance.get("suite_path", "")).parent / path
    except (KeyError, TypeError, NotPlainError):
        return None
    return relative if relative.is_dir() else Path(path)


def _check_same(axis: str, label: str, here: dict[str, Any], stored: dict[str, Any]) -> None:
    if here != stored:
        changes = "; ".join(differences(here, stored)[:3])
        raise UserError(f"{axis} {label} differs in this version: {changes}")
