"""The `tune` section: the search spaces, and the tuned entries that it adds to axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from benchmark.axis import Axis
from benchmark.errors import UserError, did_you_mean, shown
from benchmark.plain_yaml import Location
from benchmark.registry import METHODS, OPTIMIZERS
from benchmark.suite.axes import field_names
from benchmark.suite.document import Document
from benchmark.suite.schema import Choice, Suite, Tune, TunedAxis

AXES: dict[str, tuple[TunedAxis, Axis[Any]]] = {
    "methods": ("method", METHODS),
    "optimizers": ("optimizer", OPTIMIZERS),
}
"""Key of a suite -> the axis of its cells, and its members."""

STUDY_AXES = ("model", "method", "outer", "optimizer", "shots", "head")
"""The axes that identify a study; all other axes share its settings."""


class TuneSection(BaseModel):
    """`tune:` as written."""

    model_config = ConfigDict(extra="forbid")

    trials: Annotated[int, Field(ge=2)] = 8
    draws: Annotated[int, Field(ge=1)] = 2
    axes: Annotated[list[Literal["methods", "optimizers"]], Field(min_length=1)] = ["optimizers"]
    space: dict[str, dict[str, list[Any]]] = {}


def resolve_tune(section: TuneSection, suite: Suite, document: Document) -> Tune:
    """The validated section. Raises SuiteError with the line."""
    if not suite.data.validation:
        raise document.error(
            "tune needs languages to evaluate settings on: name validation languages under"
            " data.validation",
            ("tune",),
        )
    _reject_unknown_members(section, suite, document)
    space: dict[TunedAxis, dict[str, dict[str, tuple[Any, ...]]]] = {}
    for key in section.axes:
        axis, members = AXES[key]
        written = section.space
        space[axis] = {
            choice.label: _space(choice, members, written.get(choice.identity["name"]), document)
            for choice in getattr(suite, key)
        }
    return Tune(section.trials, section.draws, space)


def entries(suite: Suite, axis: TunedAxis) -> tuple[Choice[Any], ...]:
    """The entries of an axis, each followed by its tuned version if the suite tunes the axis."""
    plain: Sequence[Choice[Any]] = suite.methods if axis == "method" else suite.optimizers
    if suite.tune is None or axis not in suite.tune.space:
        return tuple(plain)
    return tuple(entry for choice in plain for entry in (choice, _tuned_version(choice)))


def with_settings(tuned: Choice[Any], axis: TunedAxis, settings: Mapping[str, Any]) -> Choice[Any]:
    """A tuned entry with its selected settings, which determine its identity."""
    name = tuned.identity["name"]
    member = replace(tuned.member, **settings)
    members = dict(AXES.values())[axis]
    return replace(tuned, member=member, identity=members.identity(name, member))


def _tuned_version(choice: Choice[Any]) -> Choice[Any]:
    """The tuned version of an entry; until its settings are known, its keys match no stage."""
    label = f"{choice.label[:-1]},tuned)" if choice.given else f"{choice.label}(tuned)"
    identity = {**choice.identity, "tuned": "not yet"}
    return replace(choice, label=label, identity=identity, tuned_from=choice.label)


def _reject_unknown_members(section: TuneSection, suite: Suite, document: Document) -> None:
    named = {key: {c.identity["name"]: None for c in getattr(suite, key)} for key in AXES}
    parameters = [name for key in section.axes for name in named[key]]
    for name in section.space:
        if name in parameters:
            continue
        elsewhere = next((key for key in AXES if name in named[key]), None)
        hint = did_you_mean(name, parameters)
        if elsewhere:
            hint = f", an entry of {elsewhere}, which tune.axes does not have"
        raise document.error(f"tune.space names {shown(name)}{hint}", ("tune", "space", name))


def _space(
    choice: Choice[Any],
    members: Axis[Any],
    written: Mapping[str, list[Any]] | None,
    document: Document,
) -> dict[str, tuple[Any, ...]]:
    """Parameter -> values of one entry; parameters set by the entry itself are not tuned."""
    name = choice.identity["name"]
    place: Location = ("tune", "space", name)
    if written is not None and not written:
        raise document.error(f"tune.space.{name} names no parameter", place)
    parameters = field_names(type(choice.member))
    for parameter in written or ():
        if parameter not in parameters:
            hint = did_you_mean(parameter, parameters)
            raise document.error(
                f"tune.space: {name} has no parameter {shown(parameter)}{hint}", (*place, parameter)
            )
    offered = cast(Mapping[str, Sequence[Any]], written or type(choice.member).search_space)
    if not offered:
        raise document.error(
            f"{name} declares no search space; give it one, such as"
            f" tune.space: {{{name}: {{{parameters[0]}: [...]}}}}",
            ("tune",),
        )
    free = {
        parameter: _values(choice, members, parameter, values, document)
        for parameter, values in offered.items()
        if parameter not in choice.given
    }
    if all(len(values) == 1 for values in free.values()):
        reason = "has only its default" if free else "is set explicitly by the entry in the suite"
        raise document.error(
            f"{choice.label} has nothing to tune: {', '.join(offered)} {reason}",
            place if written else ("tune",),
        )
    return free


def _values(
    choice: Choice[Any],
    members: Axis[Any],
    parameter: str,
    values: Sequence[Any],
    document: Document,
) -> tuple[Any, ...]:
    """The distinct `values`, as converted by the member, and the default."""
    place: Location = ("tune", "space", choice.identity["name"], parameter)
    if not values:
        raise document.error(f"{'.'.join(map(str, place))} is empty", place)
    converted = []
    for value in values:
        settings = {**asdict(choice.member), parameter: value}
        try:
            members.trust(choice.identity["name"], settings)
            converted.append(getattr(members.make(choice.identity["name"], settings), parameter))
        except UserError as error:
            raise document.error(f"tune.space: {error}", place) from None
    return tuple(dict.fromkeys([*converted, getattr(choice.member, parameter)]))
