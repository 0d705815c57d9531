"""Render the report of one results folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmark.board.build import build_board
from benchmark.board.ranking import rank
from benchmark.evidence.side import side_of
from benchmark.report.curves import curves
from benchmark.report.figures import Chart, draw
from benchmark.report.findings import find
from benchmark.report.guidance import guide
from benchmark.report.leaderboard import to_csv
from benchmark.report.page import to_html
from benchmark.report.sensitivity import sensitivity
from benchmark.report.spread import draw_spread
from benchmark.report.summary import to_markdown
from benchmark.report.survival import survival_findings, survive
from benchmark.report.svg import to_svg
from benchmark.results.load import load


def render(results: Path, reports: Path) -> Path:
    """Write the report of the folder `results` into `reports/<its name>/`; return `index.html`.

    Everything is made in a folder beside the report and then moved file by file, so that a failed
    render leaves the previous report as it was. Raises DataError when the records cannot be read.
    """
    loaded = load(results)
    board = build_board(loaded.records)
    ranking = rank(board, lambda: side_of(loaded.run))
    survival = survive(ranking)
    findings = [*find(loaded, ranking), *survival_findings(survival)]
    findings.sort(key=lambda finding: finding.kind == "warning")
    drawn, spread = curves(loaded.records, board), sensitivity(loaded.trials())
    charts = [*draw(board, drawn), *(draw_spread(spread) if spread else ())]
    pictures = {chart.name: to_svg(chart.figure, chart.name) for chart in charts}
    guidance = guide(ranking)
    page = to_html(loaded, ranking, findings, guidance, spread, drawn, charts, pictures, survival)
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=reports, prefix=".rendering-") as scratch:
        folder = Path(scratch)
        _write_figures(folder / "figures", charts, pictures)
        (folder / "leaderboard.csv").write_text(to_csv(loaded, ranking), encoding="utf-8")
        summary = to_markdown(loaded, ranking, findings, guidance, spread)
        (folder / "summary.md").write_text(summary, encoding="utf-8")
        (folder / "index.html").write_text(page, encoding="utf-8")
        _move(folder, reports / loaded.suite)
    return reports / loaded.suite / "index.html"


def _write_figures(folder: Path, charts: list[Chart], pictures: dict[str, str]) -> None:
    folder.mkdir()
    for chart in charts:
        (folder / f"{chart.name}.svg").write_text(pictures[chart.name], encoding="utf-8")
        chart.figure.savefig(folder / f"{chart.name}.png", dpi=160)


def _move(source: Path, target: Path) -> None:
    (target / "figures").mkdir(parents=True, exist_ok=True)
    made = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    for name in made:
        (source / name).replace(target / name)
    for path in (target / "figures").iterdir():
        if path.suffix in {".svg", ".png"} and path.relative_to(target) not in made:
            path.unlink()
