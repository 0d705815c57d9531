"""Members that a plan adds to those of a suite, and what members add to identities."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from benchmark.axis import Axis
from benchmark.compression.chain.chain import Chain
from benchmark.methods.base import Method
from benchmark.plan.stages.base import Member
from benchmark.registry import COMPRESSIONS, METHODS, OPTIMIZERS, RUNTIMES
from benchmark.runtimes.base import NATIVE, Runtime
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Choice

WARM_START = "joint"
"""The method that trains the start which meta-learners share; see `Method.warm_start`. A pace is
relative to it."""

REFERENCE_OPTIMIZER = "adamw"
"""The optimizer of the adaptation that a pace is relative to."""


@cache
def uncompressed() -> Choice[Chain]:
    """The compression that changes nothing."""
    none = COMPRESSIONS.make("none")
    chain = Chain((none,), ("none",))
    return Choice("none", chain, chain.identity([COMPRESSIONS.identity("none", none)]))


@cache
def native() -> Choice[Runtime]:
    """The runtime that is always there."""
    return _default(RUNTIMES, NATIVE)


@cache
def warm_start() -> Choice[Method]:
    """The joint training that meta-learners start from."""
    return replace(_default(METHODS, WARM_START), label=f"{WARM_START} (warm start)")


def reference(cell: Cell) -> Cell:
    """A cell with the method and the optimizer that a pace is relative to."""
    method, optimizer = _default(METHODS, WARM_START), _default(OPTIMIZERS, REFERENCE_OPTIMIZER)
    return replace(cell, method=method, optimizer=optimizer)


def runtime_identity(cell: Cell) -> Member | None:
    """What the runtime adds to identities: nothing for the native one."""
    return None if cell.runtime.identity["name"] == NATIVE else cell.runtime.identity


@cache
def _default(axis: Axis[Any], name: str) -> Choice[Any]:
    """A member with its default settings."""
    member = axis.make(name)
    return Choice(name, member, axis.identity(name, member))
