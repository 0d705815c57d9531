"""The card of a published repository: README.md with metadata for the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.data.languages import primary
from benchmark.publish.build import Publication
from benchmark.publish.evaluation import model_index, select_combinations
from benchmark.publish.schema import MEANINGS
from benchmark.results.files import BOARD_PARQUET
from benchmark.text.escape import escape
from benchmark.text.words import rate, size

if TYPE_CHECKING:
    from benchmark.publish.hub import Target

MAX_ROWS = 10


def write_card(folder: Path, publication: Publication, target: Target) -> None:
    """Write README.md for a static Space or a dataset repository."""
    from huggingface_hub.repocard_data import CardData, eval_results_to_model_index

    name = f"{publication.merged.name} leaderboard"
    results = model_index(publication, target)
    fields: dict[str, Any] = {"title": name, "tags": ["leaderboard", "low-resource-asr"]}
    if target.kind == "space":
        fields |= {"sdk": "static", "app_file": "index.html", "emoji": "\N{STUDIO MICROPHONE}"}
        fields |= {"colorFrom": "green", "colorTo": "gray", "short_description": "WER by method"}
    else:
        fields |= {
            "pretty_name": name,
            "language": sorted({primary(language) for language in publication.board.languages}),
            "task_categories": ["automatic-speech-recognition"],
            "configs": [{"config_name": "rows", "data_files": BOARD_PARQUET}],
        }
    if results:
        fields["model-index"] = eval_results_to_model_index(name, results)
    text = f"---\n{CardData(**fields)}\n---\n\n{_text(publication)}"
    (folder / "README.md").write_text(text, encoding="utf-8")


def _text(publication: Publication) -> str:
    board, ranking = publication.board, publication.ranking
    synthetic = "**Synthetic speech.** " if publication.rows["synthetic"].any() else ""
    lines = [
        f"# {escape(publication.merged.name)}",
        "",
        *([board.nothing_to_recommend, ""] if board.nothing_to_recommend else []),
        f"{synthetic}{len(publication.rows)} cells, {len(board.combinations)} combinations of"
        " meta-learning method, compression and optimizer for speech recognition with little data.",
        "",
        f"| group | combination | {board.error_name} [95 %] | file |",
        "|---|---|---|---|",
    ]
    for combination in select_combinations(publication)[:MAX_ROWS]:
        if combination.error:
            group = ranking.groups[combination.key]
            label = escape(board.label(combination))
            file = size(combination.cost.size_bytes)
            lines.append(f"| {group} | {label} | {rate(combination.error)} | {file} |")
    lines += [
        "",
        "Shown: the best tie group and the Pareto front of error rate and file size."
        f" {ranking.rule} The site starts at `index.html`.",
        "",
        "## Columns of a row",
        "",
        "| column | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in MEANINGS.items()),
        "",
    ]
    return "\n".join(lines)
