"""Where the tests of this folder find speech, and keep what they cache."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL_SPEECH = Path(__file__).parents[2] / "../shared/data/real_speech"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees what another one, or the user, has cached."""
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def real_speech() -> Path:
    if not REAL_SPEECH.is_dir():
        pytest.skip("the collection of real speech is not here")
    return REAL_SPEECH.resolve()
