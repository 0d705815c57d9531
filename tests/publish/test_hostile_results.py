"""Results of somebody who means harm: nothing is written elsewhere, and all is shown as text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from published_folders import write_folder

from benchmark.cli import main
from benchmark.export.card import code

MARKUP = "<img src=x onerror=alert(1)>"
PATH = "../../../outside"


class Tags(HTMLParser):
    """The kinds of elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


@pytest.mark.parametrize("name", [MARKUP, PATH, "[/bold]`|*", "=HYPERLINK(A1)"])
def test_names_of_every_column_are_text_and_no_paths(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = write_folder(
        tmp_path / "a/b/c/results", methods=("joint",), languages=("nl",), utterances=3
    )
    path = results / "records.parquet"
    records = pd.read_parquet(path).assign(suite=name, created=name, n_utterances=3)
    records["params"] = [
        json.dumps(json.loads(text) | dict.fromkeys(("method", "head", "runtime"), name))
        for text in records["params"]
    ]
    records.assign(method=name, head=name, runtime=name).to_parquet(path, index=False)
    provenance = json.loads((results / "provenance.json").read_text())
    provenance |= {"suite_text": name, "command": [name], "hardware": {"cpu": name}}
    (results / "provenance.json").write_text(json.dumps(provenance))
    site = tmp_path / "a/b/c/site"
    assert main(["publish", str(results), "--to", str(site)]) == 0
    assert main(["compare", str(results), str(results), "--markdown"]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"a"}
    assert {p.name for p in (tmp_path / "a/b/c").iterdir()} == {"results", "site"}
    pages = list(site.rglob("*.html"))
    assert len(pages) == 5
    for page in pages:
        assert re.fullmatch(r"[a-z0-9-]+\.html", page.name)
        assert "img" not in Tags(page.read_text(encoding="utf-8")).found
    assert "<img" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a`b", "``", "x`<img>`"])
def test_no_backtick_ends_a_name_in_a_card(name: str) -> None:
    assert code(name).count("`") == 2


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("method", "maml\x1b]0;title\x07", "column method, row 1: 'maml\\x1b]0;title\\x07'"),
        ("lineage", '[{"kind": "adapt", "key": "../k", "content": null}]', "column lineage, row 1"),
        ("language", "pt", "language is 'pt' in its row and 'nl' in its settings"),
        ("n_utterances", 25, "has 24 utterances, and 25 in records.parquet"),
        ("params", "[" * 100_000, "settings (params) are not valid"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    column: str, value: object, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = write_folder(tmp_path / "r", methods=("joint",), languages=("nl",))
    path = results / "records.parquet"
    pd.read_parquet(path).assign(**{column: value}).to_parquet(path, index=False)
    assert main(["publish", str(results), "--to", str(tmp_path / "site")]) == 3
    error = capsys.readouterr().err
    assert words in error
    assert len(error) < 600
    assert not (tmp_path / "site").exists()
