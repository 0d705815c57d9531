"""Provenance as text: the machine, the command and the code revision of a run."""

from __future__ import annotations

import shlex
from typing import Any


def machine(provenance: dict[str, Any]) -> str:
    """The machine in a few words, such as `Xeon, 2 cores`; empty if not recorded."""
    hardware = provenance.get("hardware") or {}
    parts = [str(hardware[key]) for key in ("cpu", "gpu") if hardware.get(key)]
    if hardware.get("cores"):
        parts.insert(1, f"{hardware['cores']} cores")
    return ", ".join(parts)


def command(provenance: dict[str, Any]) -> str:
    """The command line, quoted for a shell."""
    parts = provenance.get("command") or []
    return parts if isinstance(parts, str) else shlex.join(str(part) for part in parts)


def kept_apart(provenance: dict[str, Any], language: str) -> str:
    """What adaptation and test set must not share, such as `speaker and text`."""
    disjoint = provenance.get("disjoint")
    if not isinstance(disjoint, dict) or language not in disjoint:
        return ""
    return " and ".join(map(str, disjoint[language])) or "nothing"


def revision(provenance: dict[str, Any]) -> str:
    """The commit of the code, and whether it had uncommitted changes."""
    git = provenance.get("git") or {}
    if not git.get("commit"):
        return ""
    return f"commit {str(git['commit'])[:12]}" + (" with changes" if git.get("dirty") else "")
