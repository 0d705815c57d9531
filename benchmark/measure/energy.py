"""Energy counters: NVML for a GPU, RAPL for a processor, if they can be read.

Both count the whole GPU or processor package, including other processes and idle power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")


@dataclass(frozen=True)
class Counter:
    """A counter in microjoules that wraps to 0 after `limit`, if it has one."""

    read: Callable[[], int]
    limit: int | None = None

    def joules(self, before: int, after: int) -> float:
        """Energy between two readings, between which the counter wraps at most once."""
        wrapped = self.limit is not None and after < before
        return (after - before + (self.limit or 0) * wrapped) / 1e6


@dataclass(frozen=True)
class Meter:
    """Counters whose sum is the energy of a device."""

    source: str
    counters: Sequence[Counter]

    def readings(self) -> list[int]:
        return [counter.read() for counter in self.counters]

    def joules(self, before: Sequence[int], after: Sequence[int]) -> float:
        """Energy between two `readings`."""
        return sum(c.joules(a, b) for c, a, b in zip(self.counters, before, after, strict=True))


def find_meter(device: str, powercap: Path = POWERCAP) -> Meter | str:
    """The meter of a device, or why there is none."""
    return _nvml(device) if device.startswith("cuda") else _rapl(powercap)


def _rapl(powercap: Path) -> Meter | str:
    """The meter of all processor packages; cores and memory are domains within them."""
    packages = sorted(path for path in powercap.glob("intel-rapl:*") if path.name.count(":") == 1)
    if not packages:
        return "the system offers no RAPL counters"
    try:
        counters = [_package(path) for path in packages]
    except (OSError, ValueError) as error:
        return f"RAPL counters cannot be read: {error}"
    return Meter("RAPL, all processor packages", counters)


def _package(path: Path) -> Counter:
    file = path / "energy_uj"
    int(file.read_text())
    return Counter(lambda: int(file.read_text()), int((path / "max_energy_range_uj").read_text()))


def _nvml(device: str) -> Meter | str:
    from benchmark.measure.nvml import handle_of

    try:
        nvml, handle = handle_of(device)
        nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except (ImportError, RuntimeError) as error:
        return f"NVML: {error}"
    # NVML counts millijoules.
    read = lambda: 1000 * int(nvml.nvmlDeviceGetTotalEnergyConsumption(handle))  # noqa: E731
    return Meter("NVML, the whole GPU", [Counter(read)])
