"""No test utterance takes part in any step of any optimizer."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.data.loader import Loader
from benchmark.execute.job import Context
from benchmark.execute.stages import adapt, curve, meta_train
from benchmark.plan.speech import Speech
from benchmark.suite.load import load

pytestmark = pytest.mark.usefixtures("timing_at_once")


def test_what_learning_hears_is_of_the_training_split_and_of_the_languages_it_may_hear(
    suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every batch that learns is loaded by a Loader; what is transcribed is not."""
    heard: dict[str, set[str]] = defaultdict(set)
    running = ""

    def spied(stage: Any) -> Any:
        run = stage.run

        def watched(context: Context) -> dict[str, Any]:
            nonlocal running
            running = context.job.kind
            return run(context)

        return watched

    def listening(self: Loader, uids: Any, perturb: Any = None) -> Any:
        heard[running] |= set(uids)
        return original(self, uids, perturb)

    original = Loader.load
    monkeypatch.setattr(Loader, "load", listening)
    for stage in (meta_train, adapt, curve):
        monkeypatch.setattr(stage, "run", spied(stage))
    places = ["--results", str(tmp_path), "--reports", str(tmp_path), "--no-report"]
    options = ["--device", "cpu", "--jobs", "1", "--only", "compression=none"]
    learning = ["--set", "curve=[0]", "--only", "optimizer=adamw"]
    assert main([str(suite_file), *places, *options, *learning]) == 0
    languages = Speech.of(load(suite_file).data).languages
    splits = {
        (name, split): {u.uid for u in language.prepared.split(split)}
        for name, language in languages.items()
        if language.prepared
        for split in ("train", "test")
    }
    tested = set.union(*(uids for (_, split), uids in splits.items() if split == "test"))
    assert heard.keys() == {"meta_train", "adapt"}
    assert not tested & (heard["meta_train"] | heard["adapt"])
    assert heard["meta_train"] <= splits["aa", "train"] | splits["bb", "train"]
    assert len(heard["adapt"]) == 8
    assert heard["adapt"] <= splits["cc", "train"]
