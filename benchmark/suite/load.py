"""Loading and validation of a suite; errors name the line and what was meant."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.errors import did_you_mean, shown
from benchmark.plain_yaml import Location, beyond
from benchmark.registry import METHODS, MODELS, OPTIMIZERS, RUNTIMES
from benchmark.runtimes.base import NATIVE
from benchmark.suite.axes import chains, choices, field_names, repeated
from benchmark.suite.document import Document, assign, read
from benchmark.suite.matrix import axis_labels
from benchmark.suite.schema import Budget, Equal, Exclusion, HeadLabel, Precision, Suite
from benchmark.suite.sources import DataSection, resolve
from benchmark.suite.thresholds import Thresholds
from benchmark.suite.timing import Timing
from benchmark.suite.tuning import TuneSection, resolve_tune

Entries = Annotated[list[Any], Field(min_length=1)]
Numbers = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]


MAX_CELLS = 200_000
"""Limit for a suite, before exclusions: twice what can be planned within minutes."""

_WRITTEN: dict[str, Location] = {
    "language": ("data", "test"),
    "shots": ("data", "shots"),
    "outer": ("outer",),
}
"""The place of an axis in a suite, if it is not the top-level plural."""

MAX_NAME = 200
"""Limit in characters; most file systems allow 255 for the name of a folder."""


class BudgetSection(BaseModel):
    """`budget:` as written."""

    model_config = ConfigDict(extra="forbid")

    meta_train: Annotated[int, Field(ge=1)]
    adapt: Annotated[int, Field(ge=1)]
    equal: Equal = "gradients"


class SuiteFile(BaseModel):
    """A suite file as written."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=MAX_NAME)]
    data: DataSection
    models: Entries
    methods: Entries
    optimizers: Entries
    compressions: Entries
    seeds: Numbers
    draws: Numbers = [0]
    heads: Annotated[list[HeadLabel], Field(min_length=1)] = ["union"]
    runtimes: Entries = [NATIVE]
    budget: BudgetSection
    outer: Any = "adamw"
    features: Features = Features()
    augmentation: Augmentation = Augmentation()
    precision: Precision = "fp32"
    timing: Timing = Timing()
    stage_seconds: Annotated[float, Field(gt=0)] | None = None
    exclude: Annotated[list[dict[str, Any]], Field(max_length=1000)] = []
    check: Thresholds = Thresholds()
    tune: TuneSection = TuneSection()
    curve: list[Annotated[int, Field(ge=0)]] = []


def load(path: Path, assignments: Sequence[str] = ()) -> Suite:
    """Read and validate a suite, with `a.b=c` assignments applied first. Raises SuiteError."""
    document = read(path)
    for assignment in assignments:
        assign(document, assignment)
    written = _validated(document)
    for key in ("seeds", "draws", "heads", "curve"):
        values = getattr(written, key)
        if (i := repeated(values)) is not None:
            raise document.error(f"{values[i]!r} is given twice in {key}", (key, i))
    outer = written.outer if isinstance(written.outer, list) else [written.outer]
    suite = Suite(
        name=written.name,
        path=path,
        text=document.text,
        data=resolve(written.data, document),
        models=choices(MODELS, written.models, document, ("models",)),
        methods=choices(METHODS, written.methods, document, ("methods",)),
        optimizers=choices(OPTIMIZERS, written.optimizers, document, ("optimizers",)),
        outer=choices(OPTIMIZERS, outer, document, ("outer",)),
        compressions=chains(written.compressions, document),
        seeds=tuple(written.seeds),
        draws=tuple(written.draws),
        heads=tuple(written.heads),
        runtimes=choices(RUNTIMES, written.runtimes, document, ("runtimes",)),
        budget=Budget(**written.budget.model_dump()),
        features=written.features,
        augmentation=written.augmentation,
        precision=written.precision,
        timing=written.timing,
        stage_seconds=written.stage_seconds,
        exclude=(),
        check=written.check,
        curve=tuple(sorted(written.curve)),
    )
    if "tune" in document.data:
        suite = replace(suite, tune=resolve_tune(written.tune, suite, document))
    _reject_explosion(suite, document)
    labels = axis_labels(suite)
    exclude = [_exclusion(labels, i, entry, document) for i, entry in enumerate(written.exclude)]
    return replace(suite, exclude=tuple(exclude))


def _validated(document: Document) -> SuiteFile:
    """Validates the file against its schema: unknown, missing and ill-typed keys."""
    _reject_unknown(SuiteFile, document.data, (), document)
    try:
        written = SuiteFile.model_validate(document.data)
    except ValidationError as error:
        first = error.errors()[0]
    else:
        _reject_beyond(written.model_dump(), (), document)
        return written
    where = _written(first["loc"], document.data)
    given = f"{where} = {shown(first['input'])}"
    messages = {
        "missing": f"{shown(where)} is missing{_misspelt(first['loc'], first['input'])}",
        "too_short": f"{shown(where)} is empty; it needs at least one entry",
        "string_pattern_mismatch": f"{given}: use letters, digits and ._-",
    }
    reason = re.sub(r" or (an )?instance of \w+", "", first["msg"].lower())
    raise document.error(messages.get(first["type"], f"{given}: {reason}"), first["loc"])


def _written(place: Location, data: Any) -> str:
    """A place in the syntax of a suite, without parts that name a branch of the schema."""
    parts = []
    for i, part in enumerate(place):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            if not isinstance(data, dict) or i < len(place) - 1:
                continue
        parts.append(str(part))
    return ".".join(parts)


def _reject_beyond(value: Any, place: Location, document: Document) -> None:
    """Rejects numbers that no result can hold, which text such as `1e999` can be converted to."""
    if isinstance(value, dict | list | tuple):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            _reject_beyond(item, (*place, key), document)
    elif reason := beyond(value):
        raise document.error(f"{'.'.join(map(str, place))} = {shown(value)} is {reason}", place)


def _reject_explosion(suite: Suite, document: Document) -> None:
    """Rejects a matrix with too many cells; the message names its longest axis."""
    sizes = {axis: len(labels) for axis, labels in axis_labels(suite).items()}
    cells, longest = math.prod(sizes.values()), max(sizes, key=lambda axis: sizes[axis])
    if cells > MAX_CELLS:
        raise document.error(
            f"a suite of {cells:,} cells, {sizes[longest]:,} times a {longest}; it may have at most"
            f" {MAX_CELLS:,}",
            _WRITTEN.get(longest, (f"{longest}s",)),
        )


def _reject_unknown(owner: Any, data: Any, place: Location, document: Document) -> None:
    """Rejects unknown keys first: they are the commonest mistake and often explain missing keys."""
    if not isinstance(data, dict):
        return
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        allowed = {name: field.annotation for name, field in owner.model_fields.items()}
        closed = owner.model_config.get("extra") == "forbid"
    elif hasattr(owner, "__dataclass_fields__"):
        allowed = dict.fromkeys(field_names(owner))
        closed = True
    else:
        return
    for key, value in data.items():
        if key in allowed:
            _reject_unknown(allowed[key], value, (*place, key), document)
        elif closed:
            where = ".".join(map(str, (*place, key)))
            raise document.error(
                f"unknown key {shown(where)}{did_you_mean(key, list(allowed))}", (*place, key)
            )


def _misspelt(place: Location, section: Any) -> str:
    """A suggestion which key of the section was meant to be the missing one."""
    given = [str(key) for key in section] if isinstance(section, dict) else []
    close = get_close_matches(str(place[-1]), given, n=1)
    return f"; did you misspell it as {close[0]!r}?" if close else ""


def _exclusion(
    labels: dict[str, list[str]], index: int, entry: dict[str, Any], document: Document
) -> Exclusion:
    place: Location = ("exclude", index)
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise document.error("an exclusion must give its reason", place)
    where = {}
    for axis, value in entry.items():
        if axis == "reason":
            continue
        if axis not in labels:
            hint = did_you_mean(axis, list(labels))
            raise document.error(f"exclude: unknown axis {shown(axis)}{hint}", (*place, axis))
        where[axis] = tuple(str(label) for label in (value if isinstance(value, list) else [value]))
        for label in where[axis]:
            if label not in labels[axis]:
                hint = did_you_mean(label, labels[axis])
                message = f"exclude: no {axis} {shown(label)} here{hint}"
                raise document.error(message, (*place, axis))
    if not where:
        raise document.error("an exclusion names at least one axis", place)
    return Exclusion(where, reason.strip())
