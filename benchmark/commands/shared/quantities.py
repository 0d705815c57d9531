"""Parsers of quantities on the command line.

Each function raises argparse.ArgumentTypeError, which names the expected format.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def size_bytes(text: str) -> float:
    """Bytes of a size such as 5MB."""
    return _quantity(text, {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}, "a size such as 5MB or 800kB")


def time_ms(text: str) -> float:
    """Milliseconds of a time such as 0.1s."""
    return _quantity(text, {"ms": 1, "s": 1e3}, "a time such as 50ms or 0.1s")


def _quantity(text: str, units: Mapping[str, float], expected: str) -> float:
    scales = {unit.lower(): scale for unit, scale in units.items()}
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]+)", text.strip().lower())
    value = float(match[1]) * scales.get(match[2], 0) if match else 0
    if not value:
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return value


def fraction(text: str) -> float:
    """A fraction such as 0.05."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 100:
        raise argparse.ArgumentTypeError(f"expected a fraction such as 0.05, got {text!r}")
    return value
