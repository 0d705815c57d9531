"""What the documents name is there: files, classes, functions, settings, columns, options."""

from __future__ import annotations

import argparse
import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

import benchmark
from benchmark.cli import commands
from benchmark.errors import UserError
from benchmark.registry import AXES
from benchmark.results.columns import PUBLISHED, RECORD

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "benchmark"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
IDENTIFIER = re.compile(r"[A-Za-z_]\w+(\.[A-Za-z_]\w*)*(\(\))?")
PATH = re.compile(r"(?!\.\./)[\w.-]+(/[\w.-]+)*(/|\.(py|md|yaml|yml|toml|js))")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
KEY = re.compile(r"([A-Za-z_]\w+): ")

FOREIGN = {
    "CONTRIBUTING.md": {"mypy", "ruff"},
    "ci.md": {"check.md", "gh pr comment --body-file check.md"},
    # Languages, and files and columns of other people's corpora.
    "data.md": {
        *("bod", "cmn_hans_cn", "cz", "de_DE", "deu", "ger", "iw", "jp", "nl_nl", "ss"),
        *("clips/", "data/test/", "train-clean-100/", "metadata_train.csv", "nl_test.tsv"),
        *("dev_test", "x_file_name"),
    },
    "extend.md": {"der", "der.py", "der_low", "der_high"},  # its example
    # A file of the Hub; a folder of published sites.
    "leaderboard.md": {".eval_results/N.yaml", "data/cells/"},
    # Programs of the system, and the options of `tests/faults/run.py`.
    "machines.md": {
        "--count N",
        "--seed N",
        "docker --user",
        "docker --user 12345",
        "kills",
        "nohup",
    },
    "models.md": {"save_pretrained"},  # of transformers
    "results.md": {"tw"},  # a language
    "suites.md": {"adapt_", "yes"},  # the beginning of columns; a word of YAML
}
"""What documents name and this package does not hold, by the document."""


def quoted(document: Path) -> set[str]:
    """What a document says in backticks, outside of its blocks."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    return set(re.findall(r"`([^`\n]+)`", text))


@cache
def nodes() -> list[ast.AST]:
    """The syntax of all modules, without docstrings: they may name what is gone."""
    found: list[ast.AST] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
        while waiting:
            node = waiting.pop()
            found.append(node)
            waiting.extend(c for c in ast.iter_child_nodes(node) if not _is_docstring(c))
    return found


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def texts() -> str:
    """All strings in the code, and all templates."""
    strings = [n.value for n in nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    templates = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*/templates/*")]
    return "\n".join([*strings, *templates])


@cache
def vocabulary() -> frozenset[str]:
    """Every name in the code, every word in its strings, columns, and the names of packages."""
    names = {
        getattr(node, field)
        for node in nodes()
        for field in ("id", "attr", "arg", "name", "asname", "module")
        if isinstance(getattr(node, field, None), str)
    }
    parts = (path.relative_to(PACKAGE).with_suffix("").parts for path in PACKAGE.rglob("*.py"))
    return frozenset(re.findall(r"\w+", texts())).union(
        RECORD, PUBLISHED, *(name.split(".") for name in names), *parts
    )


@cache
def members_of_classes() -> dict[str, set[str]]:
    """What each class of the package defines, those of its bases in the package included."""
    own: dict[str, set[str]] = defaultdict(set)
    bases: dict[str, set[str]] = defaultdict(set)
    for node in nodes():
        if isinstance(node, ast.ClassDef):
            bases[node.name].update(re.findall(r"\w+", " ".join(map(ast.unparse, node.bases))))
            own[node.name].update(_defined(node))
    for _ in range(5):  # as deep as classes inherit here
        for name, above in bases.items():
            for base in above:
                own[name] |= own.get(base, set())
    return own


def _defined(node: ast.ClassDef) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef):
            yield child.name
        elif isinstance(child, ast.AnnAssign | ast.Assign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in targets:
                yield getattr(target, "attr", getattr(target, "id", ""))


@cache
def options() -> dict[str, set[str]]:
    """The options of each command."""
    found = {}
    for name, command in commands().items():
        parser = argparse.ArgumentParser()
        parser.add_argument("--debug")
        command.add_options(parser)
        found[name] = {o for action in parser._actions for o in action.option_strings}
    return found


@cache
def suites() -> frozenset[str]:
    return frozenset(path.stem for path in (ROOT / "suites").glob("*.yaml"))


def _is_member(token: str) -> bool:
    """Whether a suite may name it on an axis; `pruneN` stands for any number."""
    for axis in AXES.values():
        with suppress(UserError):
            axis.find(re.sub("N$", "4", token))
            return True
    return False


def is_missing(token: str) -> bool:
    """Whether what a document says in backticks names something that is not there."""
    every_option = {"--version"}.union(*options().values())
    if any(option not in every_option for option in OPTION.findall(token)):
        return True
    if PATH.fullmatch(token):
        return not _is_file(token)
    if match := re.match(r"(?:python -m )?benchmark (\w+)", token):
        return match[1] not in options()
    if match := re.match(r"python (\S+\.py)", token):
        return not (ROOT / match[1]).is_file()
    if IDENTIFIER.fullmatch(token):
        return not _is_name(token.removesuffix("()"))
    return any(key not in vocabulary() for key in KEY.findall(token))


def _is_file(token: str) -> bool:
    """Whether the project has this file or folder, or the code writes or reads one so named."""
    if any((place / token).exists() for place in (ROOT, PACKAGE, ROOT / "tests")):
        return True
    if token.endswith(".py") or "/" in token.rstrip("/"):
        return any(path.name == token for path in PACKAGE.rglob("*.py"))
    return token.rstrip("/") in texts()


def _is_name(token: str) -> bool:
    if token in suites() or _is_member(token):
        return True
    first, *others = token.split(".")
    if first in members_of_classes():
        return set(others[:1]) <= members_of_classes()[first]
    return {first, *others} <= vocabulary()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_exists(document: Path) -> None:
    foreign = FOREIGN.get(document.name, set())
    missing = {token for token in quoted(document) if is_missing(token)}
    assert missing - foreign == set()
    assert foreign <= missing, "the list of foreign words names what is ours, or not named"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    for link in links:
        assert "://" in link or (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_command_lines_of_a_document_have_commands_and_options(document: Path) -> None:
    blocks = "\n".join(code for _, code in FENCE.findall(document.read_text(encoding="utf-8")))
    lines = blocks.replace("\\\n", " ").splitlines()
    for line in lines:
        for words in re.findall(r"python -m benchmark ([^#&|]+)", line):
            first = words.split()[0]
            command = "run" if first.endswith(".yaml") else first
            if not command.isupper():
                assert command in options(), line
                assert set(OPTION.findall(words)) <= options()[command], line


@pytest.mark.parametrize(
    "gone",
    ["OBSERVED_", "benchmark/gone.py", "Axis.gone", "--gone", "gone_setting: 3", "GoneClass"],
)
def test_a_name_that_no_code_has_is_seen(gone: str) -> None:
    assert is_missing(gone)


def test_the_workflow_runs_the_tests_as_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = [line for line in readme.splitlines() if line.endswith(".venv/bin/tox")]
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    assert f"- run: {command}\n" in workflow


@pytest.mark.parametrize("name", ["CITATION.cff", "CHANGELOG.md", "pyproject.toml"])
def test_every_file_that_names_the_version_names_that_of_the_package(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    versions = re.findall(r"^[Vv]ersion\W+([0-9][0-9.]*[0-9])", text, re.MULTILINE)
    assert versions == [benchmark.__version__]
