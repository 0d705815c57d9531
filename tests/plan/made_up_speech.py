"""Plans over made-up speech, without a file or a version of a package in any key."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.data.base import Utterance
from benchmark.data.prepared import Prepared
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Language, Speech, prepare_stage
from benchmark.runtimes.base import Runtime
from benchmark.store.stages import StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix

HARDWARE = {"device": "cpu", "cpu": "made up", "cores": 2, "torch": "2"}


def pin(patch: pytest.MonkeyPatch) -> None:
    """Let keys depend on nothing that is installed here."""
    patch.setattr("benchmark.plan.planner.fingerprint", lambda device: HARDWARE)
    patch.setattr("benchmark.measure.hardware.version", lambda package: "1")
    patch.setattr("benchmark.data.corpora.synthetic._PACKAGES", ())
    patch.setattr(Runtime, "missing", lambda self: None)


def plan_of(path: Path, store: StageStore | None = None, prepared: bool = True) -> Plan:
    """The plan of a suite whose languages are made up, or not prepared yet."""
    suite = load(path)
    cells = matrix(suite)
    speech = Speech(suite.data)
    names = suite.data.languages if cells.awaits_tuning else suite.data.train + suite.data.test
    for name in names:
        stage = prepare_stage(suite.data, name)
        speech.languages[name] = Language(name, stage, spoken(name) if prepared else None)
    return make_plan(suite, cells, speech, "cpu", store)


def spoken(language: str) -> Prepared:
    """Forty utterances to learn from and ten to test on, each of four letters of its own."""
    utterances = [
        Utterance(
            uid=f"{language}/{split}/{n}",
            language=language,
            split=split,
            speaker=f"{split} {n % 3}",
            text=f"{split} {n} {language} {chr(0x430 + n % 32)}",
            duration=3.0,
            audio_digest=f"{language} {split} {n}",
        )
        for split, size in (("train", 40), ("test", 10))
        for n in range(size)
    ]
    summary = {"digest": f"that of {language}", "left_out": {}, "language": language}
    return Prepared(Path(language), utterances, {}, summary)
