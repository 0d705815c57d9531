"""A plan without tuning looks up no trial, whatever validation languages the suite keeps."""

from pathlib import Path

from benchmark.measure.hardware import fingerprint
from benchmark.plan.speech import Speech
from benchmark.store.stages import StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix
from benchmark.tune.replay import replay


class Prepared(Speech):
    """Speech of a suite whose languages are all there; validation languages are not among them."""

    complete = True


def test_validation_languages_that_nothing_uses_are_not_asked_for(suite_file: Path) -> None:
    suite = load(suite_file, ["data.validation=[cs]"])
    speech = Prepared.of(suite.data)
    assert "cs" not in speech.languages
    store = StageStore(suite_file.parent / "stages")
    assert replay(suite, matrix(suite), speech, fingerprint("cpu"), store) == []
