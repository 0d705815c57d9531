"""The data section of a suite: the corpus, and the roles of languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from benchmark.axis import SettingError
from benchmark.data.corpora.base import Corpus
from benchmark.data.episodes import Shots
from benchmark.data.languages import Tag, canonical, is_well_formed
from benchmark.data.prepare import DataLimits
from benchmark.errors import UserError, did_you_mean, shown
from benchmark.foreign import calling
from benchmark.plain_yaml import beyond
from benchmark.registry import CORPORA
from benchmark.suite.axes import field_names, repeated
from benchmark.suite.document import Document
from benchmark.suite.schema import Choice, Data, Sharable


class DataSection(BaseModel):
    """`data:` as written; keys not listed here are settings of the corpus."""

    model_config = ConfigDict(extra="allow")

    source: Any
    train: Annotated[list[str], Field(min_length=1)]
    validation: list[str] = []
    test: Annotated[list[str], Field(min_length=1)]
    shots: Annotated[list[int | str], Field(min_length=1)]
    disjoint: list[Sharable] | dict[str, list[Sharable]] = ["speaker", "text"]
    limits: DataLimits = DataLimits()


def resolve(section: DataSection, document: Document) -> Data:
    """The validated data section. Raises SuiteError with the line."""
    source = _source(section, document)
    roles = _roles(section, source.member, document)
    disjoint = section.disjoint
    if isinstance(disjoint, list):
        disjoint = dict.fromkeys(roles, disjoint)
    for language in disjoint:
        if language not in roles:
            raise document.error(
                f"disjoint names {shown(language)}{did_you_mean(language, list(roles))}",
                ("data", "disjoint", language),
            )
    return Data(
        source=source,
        train=tuple(section.train),
        validation=tuple(section.validation),
        test=tuple(section.test),
        shots=_shots(section.shots, document),
        disjoint={language: frozenset(what) for language, what in disjoint.items()},
        limits=section.limits,
    )


def _roles(section: DataSection, corpus: Corpus, document: Document) -> dict[str, str]:
    """The role of each language; a language has one role under all its codes."""
    try:
        with calling(type(corpus), f"{type(corpus).__name__} cannot name its languages"):
            available = corpus.languages()
    except UserError as error:
        raise document.error(str(error), ("data", "source")) from None
    roles: dict[str, str] = {}
    keys: dict[Tag, str] = {}
    for role in ("train", "validation", "test"):
        for i, language in enumerate(getattr(section, role)):
            place = ("data", role, i)
            if not is_well_formed(language):
                raise document.error(
                    f"language {shown(language)} cannot be a code: BCP 47 codes such as 'de' or"
                    " 'zh-TW' are meant",
                    place,
                )
            key = keys.setdefault(canonical(language), language)
            if key in roles:
                alias = f" as {shown(key)}" if key != language else ""
                raise document.error(
                    f"language {shown(language)} is in {role!r} and already in {roles[key]!r}"
                    f"{alias}; a language has one role",
                    place,
                )
            if available is not None and language not in available:
                hint = did_you_mean(language, sorted(available))
                raise document.error(f"no language {shown(language)} in this source{hint}", place)
            roles[language] = role
    return roles


def _shots(entries: Sequence[int | str], document: Document) -> tuple[Shots, ...]:
    shots: list[Shots] = []
    for i, entry in enumerate(entries):
        place = ("data", "shots", i)
        try:
            parsed = Shots.parse(entry)
        except UserError as error:
            raise document.error(str(error), place) from None
        if reason := beyond(parsed.amount):
            raise document.error(f"shots = {shown(entry)} is {reason}", place)
        shots.append(parsed)
    if (twice := repeated(list(map(str, shots)))) is not None:
        message = f"shots {shown(entries[twice])} is given twice"
        raise document.error(message, ("data", "shots", twice))
    return tuple(shots)


def _source(section: DataSection, document: Document) -> Choice[Corpus]:
    """The corpus that `source` names: `synthetic`, `hub:OWNER/NAME`, a folder, or a mapping."""
    source = section.source
    settings = dict(section.model_extra or {})
    if isinstance(source, dict):
        settings |= {key: value for key, value in source.items() if key != "name"}
        name = str(source.get("name"))
    elif not isinstance(source, str):
        raise document.error(
            f"data.source = {shown(source)}: expected a name, hub:OWNER/NAME or a folder",
            ("data", "source"),
        )
    elif source.startswith("hub:"):
        name, settings["repo"] = "hub", source.removeprefix("hub:")
    elif "/" in source or source.startswith("."):
        name, settings["path"] = "folder", str(_folder(source, document))
    else:
        name = source
    try:
        CORPORA.trust(name)
        member = CORPORA.make(name, settings)
    except SettingError as error:
        available = [*DataSection.model_fields, *field_names(CORPORA.find(name).cls)]
        if error.parameter not in available:
            hint = did_you_mean(error.parameter, available)
            message = f"unknown key {shown(f'data.{error.parameter}')}{hint}"
            raise document.error(message, ("data", error.parameter)) from None
        raise document.error(str(error), ("data", error.parameter)) from None
    except UserError as error:
        raise document.error(str(error), ("data", "source")) from None
    label = source if isinstance(source, str) else name
    return Choice(label, member, CORPORA.identity(name, member))


def _folder(source: str, document: Document) -> Path:
    """A folder relative to the suite file, or else to the working directory."""
    beside = (document.path.parent / source).resolve()
    here = Path(source).resolve()
    for folder in (beside, here):
        if folder.is_dir():
            return folder
    also = f" and no {here}" if here != beside else ""
    raise document.error(f"no folder {beside}{also}", ("data", "source"))
