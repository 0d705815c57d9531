"""Groups of statistically tied systems."""

from __future__ import annotations

from collections.abc import Callable


def tie_groups(num_systems: int, is_worse: Callable[[int, int], bool]) -> list[int]:
    """The group, from 1, of each of the systems 0, 1, ... given best first.

    A new group starts at the first system that is significantly worse than the previous group's
    leader, which is its best system. `is_worse(leader, other)` is called once per system. WMT
    rankings are clustered in this way (Koehn, IWSLT 2012).
    """
    groups: list[int] = []
    leader = 0
    for system in range(num_systems):
        if groups and is_worse(leader, system):
            leader = system
            groups.append(groups[-1] + 1)
        else:
            groups.append(groups[-1] if groups else 1)
    return groups
