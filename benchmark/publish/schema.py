"""The description of the columns of published rows."""

from __future__ import annotations

from benchmark.results.columns import PUBLISHED

SCHEMA_VERSION = 1

MEANINGS = {name: column.meaning for name, column in PUBLISHED.items()}

TYPES = {"string": "text", "Int64": "integer", "float64": "number", "boolean": "true or false"}


def table() -> str:
    """The columns as the Markdown table of docs/leaderboard.md."""
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    for name, column in PUBLISHED.items():
        kind = TYPES[column.dtype]
        lines.append(f"| `{name}` | {kind} | {column.unit} | {column.meaning} |")
    return "\n".join(lines)
