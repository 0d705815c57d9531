"""Energy is read where the system counts it, and is unknown elsewhere."""

from pathlib import Path

import pytest

from benchmark.measure.energy import Counter, Meter, find_meter


def package(folder: Path, name: str, microjoules: int) -> Path:
    """A RAPL domain as Linux lays it out (Documentation/power/powercap)."""
    domain = folder / name
    domain.mkdir()
    (domain / "energy_uj").write_text(f"{microjoules}\n")
    (domain / "max_energy_range_uj").write_text("262143328850\n")
    return domain / "energy_uj"


def test_the_packages_of_a_processor_are_added_and_their_parts_are_not(tmp_path):
    first = package(tmp_path, "intel-rapl:0", 1_000_000)
    second = package(tmp_path, "intel-rapl:1", 5_000_000)
    core = package(tmp_path, "intel-rapl:0:0", 0)
    meter = find_meter("cpu", tmp_path)
    assert isinstance(meter, Meter)
    before = meter.readings()
    first.write_text("3000000\n")
    second.write_text("5500000\n")
    core.write_text("9000000\n")
    assert meter.joules(before, meter.readings()) == pytest.approx(2.5)


def test_a_counter_that_starts_again_loses_nothing():
    counter = Counter(lambda: 0, limit=10_000_000)
    assert counter.joules(9_000_000, 2_000_000) == pytest.approx(3.0)


def test_without_counters_the_reason_is_given(tmp_path):
    assert find_meter("cpu", tmp_path) == "the system offers no RAPL counters"


def test_a_counter_that_cannot_be_read_is_a_reason_too(tmp_path):
    package(tmp_path, "intel-rapl:0", 0).write_text("no number")
    found = find_meter("cpu", tmp_path)
    assert isinstance(found, str)
    assert "cannot be read" in found
