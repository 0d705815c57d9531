"""The report is written whole, works offline, escapes what it shows and survives partial runs."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.image
import pandas as pd
import pytest
from fabricate import record, write_results

from benchmark.errors import DataError
from benchmark.report.render import render

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """The elements, ids, addresses and embedded sample of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href", "action", "data"}:
                self.links.append(value or "")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    results = write_results(
        folder / "results/multilingual", languages=("nl", "ja"), shots=("20", "200"), seeds=(0, 1)
    )
    return render(results, folder / "reports").parent


def test_every_promised_file_is_there(report: Path) -> None:
    names = {str(path.relative_to(report)) for path in report.rglob("*") if path.is_file()}
    charts = "method_compression method_language pareto_size pareto_latency optimizers shots seeds"
    figures = {f"figures/{name}.{kind}" for name in charts.split() for kind in ("svg", "png")}
    assert names == {"index.html", "summary.md", "leaderboard.csv"} | figures
    assert not list(report.parent.glob(".rendering-*"))


def test_many_compressions_are_drawn_down_the_page_where_they_can_be_read(tmp_path: Path) -> None:
    rows = [
        record(0.5, cell=f"cell{bits}", method="joint", compression=f"int{bits}")
        for bits in range(16)
    ]
    results = tmp_path / "results/compressions"
    results.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(results / "records.parquet")
    figure = render(results, tmp_path / "reports").parent / "figures/method_compression.png"
    height, width, _ = matplotlib.image.imread(figure).shape
    assert height > width


def test_the_page_asks_for_nothing_outside_itself(report: Path) -> None:
    text = (report / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    assert not set(page.tags) & {"link", "iframe", "object", "embed", "img"}
    assert "@import" not in text
    assert not re.findall(r"url\((?!#)", text)
    assert len(text) < 5_000_000


def test_ids_of_all_figures_are_unique(report: Path) -> None:
    ids = Page((report / "index.html").read_text(encoding="utf-8")).ids
    assert len(ids) == len(set(ids))


def test_every_reference_inside_a_figure_has_its_target(report: Path) -> None:
    for path in (report / "figures").glob("*.svg"):
        page = Page(path.read_text(encoding="utf-8"))
        assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_synthetic_speech_is_said(report: Path) -> None:
    assert "Synthetic speech" in (report / "index.html").read_text(encoding="utf-8")


def test_mixed_metrics_are_called_error_rate(report: Path) -> None:
    text = (report / "index.html").read_text(encoding="utf-8")
    assert "Error rate by method and compression" in text
    assert "ja (CER)" in text


def test_rendering_twice_gives_the_same_page(tmp_path: Path) -> None:
    results = write_results(tmp_path / "results/r", ("joint", "maml"), languages=("nl", "ja"))
    before = render(results, tmp_path / "reports").read_bytes()
    assert render(results, tmp_path / "reports").read_bytes() == before


def test_markup_from_results_is_shown_as_text(tmp_path: Path) -> None:
    results = write_results(tmp_path / "evil", methods=("joint", "maml"), failures=0)
    for name, column in (("records", "method"), ("utterances", "hypothesis")):
        frame = pd.read_parquet(results / f"{name}.parquet")
        frame[column] = EVIL
        frame.to_parquet(results / f"{name}.parquet")
    records = pd.read_parquet(results / "records.parquet")
    records.loc[0, ["status", "error"]] = ["failed", EVIL]
    records.to_parquet(results / "records.parquet")
    provenance = json.loads((results / "provenance.json").read_text())
    provenance |= {"suite_text": EVIL, "command": EVIL, "excluded": [{"reason": EVIL}]}
    (results / "provenance.json").write_text(json.dumps(provenance))

    text = render(results, tmp_path / "reports").read_text(encoding="utf-8")
    page = Page(text)
    assert "img" not in page.tags
    assert page.tags.count("script") == 2
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])[0]["utterances"][0]["hypothesis"] == EVIL


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [record(0.4)],
        [record(None, status="oom", error="out of memory")],
        [record(1.7), record(2.4, seed=1)],
        [record(0.4, latency_p50_ms=None, size_bytes=None, latency_ratio_low=None)],
        [record(0.4, wer_low=None, wer_high=None)],
        [record(0.4), record(None, method="maml"), record(0.3, method="maml", language="pt")],
        [record(0.0, half=0.0), record(0.0, half=0.0, method="maml")],
        [record(0.4, method="$a_b$"), record(0.4, method="_hidden")],
        [{"cell": "c", "method": "joint", "language": "nl", "status": "ok", "wer": 0.4}],
        [record(0.4, shared_speakers=None, shared_texts=0.5)],
    ],
)
def test_partial_results_are_reported(rows: list[dict[str, object]], tmp_path: Path) -> None:
    results = tmp_path / "results/partial"
    results.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(results / "records.parquet")
    text = render(results, tmp_path / "reports").read_text(encoding="utf-8")
    assert "No provenance was recorded" in text
    assert ">nan" not in text


def test_a_failed_render_leaves_the_previous_report(tmp_path: Path) -> None:
    results = write_results(tmp_path / "results/r", methods=("joint",), utterances=1)
    index = render(results, tmp_path / "reports")
    before = {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()}
    (results / "records.parquet").write_bytes(b"damaged")
    with pytest.raises(DataError):
        render(results, tmp_path / "reports")
    after = {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()}
    assert before == after


def test_a_figure_that_no_longer_applies_is_removed(tmp_path: Path) -> None:
    results = write_results(tmp_path / "results/r", methods=("joint",), utterances=0)
    index = render(results, tmp_path / "reports")
    assert (index.parent / "figures/optimizers.svg").exists()
    write_results(results, methods=("joint",), optimizers=("adamw",), utterances=0)
    render(results, tmp_path / "reports")
    assert not (index.parent / "figures/optimizers.svg").exists()


def test_the_report_needs_no_torch() -> None:
    code = "import sys, benchmark.report.render; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
