"""The arrows between packages: down the floors of docs/architecture.md, and never up."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "benchmark"


def floors() -> list[str]:
    """The packages and modules that docs/architecture.md lists, the highest first."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert block, "docs/architecture.md has no list of floors"
    return [line.split()[0] for line in block[1].splitlines()]


def imported(path: Path) -> Iterator[str]:
    """Modules of the package that a file imports, inside functions and for types included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "benchmark":
                yield from (alias.name for alias in node.names)
            elif node.module.startswith("benchmark."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("benchmark."))


def arrows() -> dict[tuple[str, str], list[str]]:
    """The files behind each arrow from one floor to another."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for other in imported(path):
            if own != other and own not in ("__init__", "__main__"):
                found[own, other].append(str(path.relative_to(PACKAGE)))
    return found


def test_every_package_has_its_floor_in_the_architecture() -> None:
    there = {
        path.stem
        for path in PACKAGE.iterdir()
        if not path.stem.startswith("__")
        and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert sorted(floors()) == sorted(there)


def test_no_import_points_up() -> None:
    """So there is no circle either: every arrow goes from a floor to one below it."""
    height = {name: -index for index, name in enumerate(floors())}
    found = arrows()
    for floor in floors():
        below = sorted((b for a, b in found if a == floor), key=lambda b: -height[b])
        print(f"{floor:12} -> {', '.join(below)}")
    upward = {f"{a} -> {b}": files for (a, b), files in found.items() if height[b] >= height[a]}
    assert not upward
    assert len(found) > 100, "the arrows are not seen"
