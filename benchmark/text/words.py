"""Formatting of numbers and names for readers; an unknown number gives an empty text."""

from __future__ import annotations

from benchmark.statistics.estimate import Estimate, is_known


def percent(fraction: float) -> str:
    """`0.3124` as `31.2`."""
    return f"{100 * fraction:.1f}" if is_known(fraction) else ""


def signed(fraction: float) -> str:
    """`0.0312` as `+3.1`; there is no negative zero."""
    if not is_known(fraction):
        return ""
    return f"{round(100 * fraction, 1) + 0.0:+.1f}"


def interval(error: Estimate) -> str:
    """`[29.0, 33.4]` in percent, or a note that it is not known."""
    if not is_known(error.low) or not is_known(error.high):
        return "[interval not known]"
    return f"[{percent(error.low)}, {percent(error.high)}]"


def rate(error: Estimate) -> str:
    """`31.2 % [29.0, 33.4]`."""
    return f"{percent(error.rate)} % {interval(error)}"


def ratio(value: float, low: float, high: float) -> str:
    """`1.02 [0.98, 1.05]`; a ratio without its interval is not shown."""
    if not all(map(is_known, (value, low, high))):
        return ""
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def shown(value: object) -> object:
    """`value` for a template; empty if it is absent or not a number."""
    missing = value is None or (isinstance(value, float) and not is_known(value))
    return "" if missing else value


def size(num_bytes: float) -> str:
    """Bytes in decimal units, `1.64 MB`."""
    if not is_known(num_bytes):
        return ""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= scale:
            return f"{num_bytes / scale:.3g} {unit}"
    return f"{num_bytes:.0f} B"


def flops(count: float) -> str:
    """Floating-point operations in decimal units, `3.2 TFLOP`."""
    if not is_known(count):
        return ""
    for unit, scale in (("EFLOP", 1e18), ("PFLOP", 1e15), ("TFLOP", 1e12), ("GFLOP", 1e9)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count / 1e6:.3g} MFLOP"


def duration(seconds: float) -> str:
    """Seconds as `8.2 s`, `3 min 20 s` or `2 h 5 min`."""
    if not is_known(seconds):
        return ""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def number(value: float, digits: int = 3) -> str:
    """`digits` significant digits, without an exponent below a million."""
    if not is_known(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


def listed(names: list[str], most: int = 6) -> str:
    """`a, b and c`; names beyond `most` are only counted."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
