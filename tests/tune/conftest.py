"""A tiny suite that tunes, and studies of it whose results are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.suite.load import load
from benchmark.suite.schema import Suite


@pytest.fixture(scope="session")
def tuned_text(suite_text: str) -> str:
    """Language bb is kept for tuning; both optimizers and one method."""
    text = suite_text.replace("train: [aa, bb]", "train: [aa]\n  validation: [bb]")
    text = text.replace("methods: [scratch, joint, {name", "methods: [joint] # [{name")
    text = text.replace("compressions: [none, int8]", "compressions: [none]")
    return text + "tune: {trials: 8, draws: 2}\n"


@pytest.fixture
def tuned_suite(tmp_path: Path, tuned_text: str) -> Suite:
    path = tmp_path / "tiny.yaml"
    path.write_text(tuned_text)
    return load(path)
