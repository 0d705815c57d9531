"""What a plan needs to know of the speech of a suite, and the rules it must keep.

Before a language is prepared its content is unknown; keys that depend on it are then provisional
and match nothing that is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from benchmark.cache import cache_folder
from benchmark.data.base import Utterance
from benchmark.data.corpora.base import SPLITS
from benchmark.data.disjoint import Sharing, check_apart, check_disjoint
from benchmark.data.episodes import Shots, draw_support
from benchmark.data.prepared import MANIFEST, SUMMARY, Prepared
from benchmark.data.text import normalise
from benchmark.data.vocabulary import Units, Vocabulary
from benchmark.errors import DataError
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import Prepare
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageStore
from benchmark.suite.schema import Data


def prepared_store() -> StageStore:
    """Where prepared corpora live: the user's cache, since all suites share them."""
    return StageStore(cache_folder() / "prepared")


@dataclass
class Language:
    """One language of a suite: how to prepare it, and its speech once that is done."""

    name: str
    stage: PlannedStage | None
    prepared: Prepared | None
    blocked: str | None = None
    _normalised: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of its manifest; provisional until it is prepared."""
        if self.prepared:
            return self.prepared.digest
        return f"unprepared:{self.stage.key if self.stage else self.name}"

    def texts(self, uids: Sequence[str] | None = None) -> list[str]:
        """Normalised texts of the training split, or of the utterances named."""
        if self.prepared is None:
            return []
        chosen = (
            self.prepared.split("train")
            if uids is None
            else [self.prepared.by_uid[uid] for uid in uids]
        )
        return [self._text(utterance) for utterance in chosen]

    def _text(self, utterance: Utterance) -> str:
        if utterance.uid not in self._normalised:
            self._normalised[utterance.uid] = normalise(utterance.text, self.name)
        return self._normalised[utterance.uid]


@dataclass
class Speech:
    """The languages of a suite that its cells use."""

    data: Data
    languages: dict[str, Language] = field(default_factory=dict)
    _supports: dict[tuple[str, Shots, int], list[str]] = field(default_factory=dict)
    _sharings: dict[str, Sharing] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Data, failures: dict[str, str] | None = None, tuning: bool = False) -> Speech:
        """Training and test languages, opened where they are prepared already.

        Validation languages are among them for `tuning` alone. `failures` tells which languages
        could not be prepared, and why. Raises Damaged.
        """
        speech = cls(data)
        store = prepared_store()
        for name in data.languages if tuning else data.train + data.test:
            reason = (failures or {}).get(name)
            stage = prepared = None
            try:
                stage = prepare_stage(data, name)
                if store.get(stage.key):
                    prepared = Prepared.open(store.open(stage.key, MANIFEST, SUMMARY))
                reason = reason or missing_splits(data, name, prepared)
            except Damaged:
                raise
            except DataError as error:
                reason = str(error)
            speech.languages[name] = Language(name, stage, prepared, reason)
        return speech

    @property
    def complete(self) -> bool:
        """Whether every language is prepared, or known to be impossible."""
        return all(one.prepared or one.blocked for one in self.languages.values())

    @property
    def blocked_training(self) -> str | None:
        """Why meta-training cannot run, if it cannot."""
        return self._blocked(self.data.train)

    @property
    def blocked_tuning(self) -> str | None:
        """Why settings cannot be tuned, if they cannot: no trial is judged on fewer languages."""
        return self.blocked_training or self._blocked(self.data.validation)

    def _blocked(self, names: Sequence[str]) -> str | None:
        reasons = (self.languages[name].blocked for name in names)
        return next((reason for reason in reasons if reason), None)

    @cached_property
    def _vocabularies(self) -> dict[Units, Vocabulary]:
        texts = [text for name in self.data.train for text in self.languages[name].texts()]
        return {units: Vocabulary.of(units, texts) for units in ("characters", "words", "bytes")}

    def training_vocabulary(self, units: Units) -> Vocabulary:
        """The units of all training text."""
        return self._vocabularies[units]

    def support(self, language: str, shots: Shots, draw: int) -> list[str]:
        """The uids that adaptation to `language` may use. Raises DataError when too few exist."""
        prepared = self.languages[language].prepared
        if prepared is None:
            return []
        wanted = (language, shots, draw)
        if wanted not in self._supports:
            try:
                self._supports[wanted] = draw_support(prepared.split("train"), shots, draw)
            except DataError as error:
                lost = f"\nLeft out: {prepared.losses}" if prepared.losses else ""
                raise DataError(f"{error}{lost}") from None
        return self._supports[wanted]

    def check_roles(self) -> None:
        """Raises DataError when languages of different roles have a recording in common.

        All splits count: the support pool of a test language is its training split, and a
        recording that is in two languages says that one of them holds what is not its own.
        """
        roles = (self.data.train, self.data.validation, self.data.test)
        prepared = {name: one.prepared for name, one in self.languages.items() if one.prepared}
        speech = [
            [prepared[name].utterances for name in role if name in prepared] for role in roles
        ]
        for one, other in combinations(speech, 2):
            check_apart(one, other)

    def sharing(self, language: str) -> Sharing | None:
        """What the support pool and the test set of a language share.

        Raises DataError when they share what the suite does not allow.
        """
        prepared = self.languages[language].prepared
        if prepared is None:
            return None
        if language not in self._sharings:
            self._sharings[language] = check_disjoint(
                prepared.split("train"), prepared.split("test"), self.data.must_differ(language)
            )
        return self._sharings[language]


def missing_splits(data: Data, language: str, prepared: Prepared | None) -> str | None:
    """Why a language cannot play its role, where it lacks a split for it or has it empty.

    It is known before the language is prepared where its source can tell. Raises DataError as the
    source does.
    """
    needed = ("train",) if language in data.train else ("train", "test")
    if prepared and all(prepared.split(split) for split in needed):
        return None
    named = data.source.member.splits_of(language)
    if prepared:
        there = [split for split in SPLITS if prepared.split(split)]
    elif named is not None:
        there = [role for role in named.values() if role]
    else:
        return None
    lacking = next((split for split in needed if split not in there), None)
    if lacking is None:
        return None
    if named and lacking in named.values():
        return f"{language}: no utterance of its {lacking} split can be used"
    message = f"{language} has no {lacking} split; it has: {', '.join(named or there) or 'none'}"
    other = next((name for name, role in (named or {}).items() if role is None), None)
    meant = f"\nIf {other} is it, write `splits: {{{lacking}: {other}}}` under `data`."
    return message + (meant if other else "")


def prepare_stage(data: Data, language: str) -> PlannedStage:
    """The stage that decodes one language. Raises DataError when the source lacks it."""
    stage = Prepare(
        corpus=data.source.identity,
        source=data.source.member.identity(language),
        language=language,
        limits=data.limits,
    )
    return PlannedStage.of(stage, label=language, languages=(language,))
