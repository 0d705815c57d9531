"""One wording for the values of axes, wherever people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

UNCOMPRESSED = "none"
"""The compression that sizes and latencies are ratios to."""


def value_label(axis: str, value: str) -> str:
    """`value` of `axis` in words: `uncompressed`, or `default` where no value was named."""
    if axis == "compression" and value == UNCOMPRESSED:
        return "uncompressed"
    return value or "default"


def label(values: Mapping[str, str], axes: Iterable[str]) -> str:
    """The values of `axes` in words, such as `maml, adamw, uncompressed`."""
    return ", ".join(value_label(axis, values[axis]) for axis in axes)
