"""Ranks as groups of systems that cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable


def tie_groups(num_systems: int, told_apart: Callable[[int, int], bool]) -> list[int]:
    """The group, from 1, of each of the systems 0, 1, ... given best first.

    A group is led by its best system and ends before the first that is told apart from it, so
    that a group's number says how many groups are better for sure. `told_apart(leader, other)`
    is asked once per system. The clusters of the WMT rankings are made so (Koehn, IWSLT 2012).
    """
    groups: list[int] = []
    leader = 0
    for system in range(num_systems):
        if groups and told_apart(leader, system):
            leader = system
            groups.append(groups[-1] + 1)
        else:
            groups.append(groups[-1] if groups else 1)
    return groups
