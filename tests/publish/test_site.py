"""The site: whole, offline, safe against what results hold, and alive in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from published_folders import write_folder

from benchmark.cli import main
from benchmark.publish.shards import CELLS_PER_SHARD, num_shards, script_json, shard_of

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
    "--virtual-time-budget=4000",
    "--dump-dom",
]


class Links(HTMLParser):
    """The tags of a page and all addresses that it names."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def data(path: Path) -> Any:
    """The value that a data script assigns."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index("= ") + 2 : text.rindex(";")])


def test_every_link_stays_in_the_site_and_leads_somewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert {"index.html", "cell.html", "fairness.html", "joint.html"} <= {p.name for p in pages}
    for page in pages:
        for link in Links(page).links:
            assert not re.match(r"[a-z]+:(?!,)", link), link
            file = link.split("#")[0]
            assert not file or link == "data:," or (page.parent / file).exists(), (page, link)
    for text in (path.read_text() for path in site.rglob("*.css")):
        assert "@import" not in text
        assert "url(" not in text


def test_every_cell_is_in_the_shard_that_its_page_asks_for(site: Path, results: Path) -> None:
    shards = data(site / "data/common.js")["shards"]
    for cell in pd.read_parquet(results / "records.parquet")["cell"]:
        shard = data(site / f"data/cells/{shard_of(cell, shards)}.js")
        assert shard[cell]["row"]["cell"] == cell
        assert len(shard[cell]["siblings"]) == 6
        assert len(shard[cell]["worst"]) == 5


def test_the_worst_utterances_come_first(site: Path, results: Path) -> None:
    cells = data(site / "data/cells/0.js")
    name, cell = next((n, c) for n, c in cells.items() if c["row"]["language"] == "ja")
    spoken = pd.read_parquet(results / "utterances.parquet").set_index("cell")
    errors = sorted(spoken.loc[name, "n_character_errors"], reverse=True)
    assert [item[1] for item in cell["worst"]] == errors[:5]
    assert {item[2] for item in cell["worst"]} == {16}


def test_shards_are_few_and_their_hash_is_fnv_1a() -> None:
    # Vectors of the authors, http://www.isthe.com/chongo/tech/comp/fnv.
    assert shard_of("foobar", 2**32) == 0xBF9CF968
    assert shard_of("a", 2**32) == 0xE40C292C
    assert num_shards(100_000) == -(-100_000 // CELLS_PER_SHARD) < 1000
    assert num_shards(1) == 1


def test_data_scripts_cannot_end_their_element() -> None:
    text = script_json({"a": EVIL, "b": "\u2028"})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["a"] == EVIL


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of results whose names and texts are markup."""
    folder = tmp_path_factory.mktemp("evil")
    results = write_folder(folder / "r", methods=(EVIL, "joint"), failures=1)
    for name, column in (("records", "error"), ("utterances", "hypothesis")):
        frame = pd.read_parquet(results / f"{name}.parquet")
        frame[column] = EVIL
        frame.to_parquet(results / f"{name}.parquet", index=False)
    provenance = json.loads((results / "provenance.json").read_text())
    provenance |= {"suite_text": EVIL, "command": [EVIL]}
    (results / "provenance.json").write_text(json.dumps(provenance))
    assert main(["publish", str(results), "--to", str(folder / "site")]) == 0
    return folder / "site"


def test_markup_from_results_is_shown_as_text(evil: Path) -> None:
    for page in evil.rglob("*.html"):
        assert "img" not in Links(page).tags
        assert "alert(1)</script>" not in page.read_text()
    for script in (evil / "data").rglob("*.js"):
        assert "<" not in script.read_text()


def test_a_method_is_a_file_of_its_own_whatever_its_name(evil: Path) -> None:
    names = {path.name for path in (evil / "methods").iterdir()}
    assert "joint.html" in names
    assert len(names) == 3
    assert all(re.fullmatch(r"[a-z0-9-]+\.html", name) for name in names)


def opened(page: str, folder: Path) -> str:
    """What the page has become after its scripts ran."""
    assert CHROMIUM
    options = [*QUIET, f"--user-data-dir={folder / 'profile'}"]
    return subprocess.run(
        [CHROMIUM, *options, page], capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_browser_draws_table_and_plots_from_a_disk(evil: Path, tmp_path: Path) -> None:
    page = opened(f"file://{evil}/index.html", tmp_path)
    assert page.count('<tr class="tied">') + page.count("<tr><td>") >= 4
    assert page.count("<circle") >= 2
    assert "4 of 4 combinations" in page
    assert "&lt;/script&gt;" in page
    assert "<img" not in page


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_browser_shows_a_cell_from_a_disk(evil: Path, tmp_path: Path) -> None:
    rows = json.loads((evil / "leaderboard.json").read_text())["rows"]
    cell = rows[-1]["cell"]
    page = opened(f"file://{evil}/cell.html#{cell}", tmp_path)
    assert f"python -m benchmark reproduce {cell} --from leaderboard.json" in page
    assert "Worst utterances" in page
    assert "<img" not in page


def test_fairness_names_the_worst_languages_and_every_script(site: Path) -> None:
    text = (site / "fairness.html").read_text()
    for script in ("Latn", "Deva", "Jpan"):
        assert script in text
    first = text[text.index("<tbody>") :]
    assert first.index("ja 39.5") < first.index("hi 34.5") < first.index("nl 29.5")


def test_every_board_states_the_noise_between_seeds(site: Path, tmp_path: Path) -> None:
    board = (site / "index.html").read_text(encoding="utf-8")
    assert re.search(r"Seed noise: [\d.]+ % relative", board)
    one_seed = write_folder(tmp_path / "r", seeds=(0,))
    assert main(["publish", str(one_seed), "--to", str(tmp_path / "site")]) == 0
    board = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert "Seed noise was not measured" in board
