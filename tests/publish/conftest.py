"""A site that several tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from published_folders import write_folder

from benchmark.cli import main


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("work") / "made-up")


@pytest.fixture(scope="session")
def site(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The board of `results`, published."""
    folder = tmp_path_factory.mktemp("published") / "site"
    assert main(["publish", str(results), "--to", str(folder)]) == 0
    return folder
