"""Which version of this package runs, and from which commit."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import benchmark


class Revision(NamedTuple):
    """The full hash of a commit, and whether files differ from it."""

    commit: str
    dirty: bool


def revision() -> Revision | None:
    """The commit of the benchmark's own checkout, None where it is installed without one."""
    package = Path(benchmark.__file__).parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=package, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        # An installation inside another project's checkout is not of its commit.
        if not git("ls-files", "__init__.py"):
            return None
        return Revision(git("rev-parse", "HEAD"), bool(git("status", "--porcelain")))
    except (OSError, subprocess.CalledProcessError):
        return None


def version_line() -> str:
    """Name, version and, in a git checkout, the commit."""
    line = f"speech-adaptation-benchmark {benchmark.__version__}"
    checkout = revision()
    if checkout is None:
        return line
    return f"{line} (commit {checkout.commit[:12]}{', with changes' if checkout.dirty else ''})"
