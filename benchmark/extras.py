"""Optional dependencies: what has to be installed before a member can work."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec


def missing(packages: Sequence[str], extra: str) -> str | None:
    """Which of the modules are not installed, if any, and the extra that installs them."""
    absent = [package for package in packages if find_spec(package) is None]
    if not absent:
        return None
    return f"{', '.join(absent)} not installed; pip install '.[{extra}]'"
