"""The machine and software versions, on which measurements depend."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def fingerprint(device: str = "cpu") -> dict[str, str | int]:
    """The machine and the versions that determine latencies on `device`, as JSON values.

    It is the same for every call on a machine. It imports torch only to name a CUDA device.
    """
    details: dict[str, str | int] = {
        "device": device,
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": _memory_gib(),
        "python": platform.python_version(),
        "torch": version("torch"),
    }
    if device.startswith("cuda"):
        import torch

        details["gpu"] = torch.cuda.get_device_name(device)
    return details


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of installed packages whose names are those of their modules."""
    details = {}
    for package in packages:
        with suppress(PackageNotFoundError):
            details[package] = version(package)
    return details


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
