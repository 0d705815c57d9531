"""Results in the formats that the Hub shows on a model's page.

The current format is a YAML file per variant in `.eval_results/` of the model's repository
(https://huggingface.co/docs/hub/eval-results). The older format is `model-index` in the model's
card. Both are written for the combinations that are most likely to be deployed: the best tie group
and the Pareto front of error rate and file size. To use a file, copy it into the repository of your
model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmark.board.combination import Combination
from benchmark.board.front import front
from benchmark.data.languages import name as language_name
from benchmark.publish.build import Publication

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

    from benchmark.publish.hub import Target

MAX_VARIANTS = 20
FOLDER = ".eval_results"


def select_combinations(publication: Publication) -> list[Combination]:
    """The best tie group and the front of error rate against file size, at most MAX_VARIANTS."""
    groups = publication.ranking.groups
    ranked = [c for c in publication.board.combinations if c.key in groups]
    on_front = {c.key for c in front(ranked, lambda c: c.cost.size_bytes)}
    best = [c for c in ranked if groups[c.key] == 1 and c.key not in on_front]
    chosen = {c.key for c in ([c for c in ranked if c.key in on_front] + best)[:MAX_VARIANTS]}
    return [c for c in ranked if c.key in chosen]


def write_evaluations(folder: Path, publication: Publication, target: Target) -> None:
    """Write `.eval_results/<number>.yaml`, one entry per language, if the dataset is on the Hub."""
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    dataset = _dataset(publication, target)
    if dataset is None:
        return
    (folder / FOLDER).mkdir()
    for number, combination in enumerate(select_combinations(publication)):
        entries = [
            EvalResultEntry(
                dataset_id=dataset,
                task_id=_task(publication, language),
                value=round(100 * error.rate, 2),
                dataset_revision=_revision(publication, language),
                date=str(publication.merged.folders[0].provenance.get("created") or "") or None,
                source_url=target.url,
                source_name="leaderboard",
                notes=f"{_metric(publication, language)}, %, lower is better;"
                f" {publication.board.label(combination)}",
            )
            for language, error in combination.languages.items()
        ]
        text = yaml.safe_dump(
            eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True
        )
        (folder / FOLDER / f"{number}.yaml").write_text(text, encoding="utf-8")


def model_index(publication: Publication, target: Target) -> list[EvalResult]:
    """The same results for the `model-index` of a card. The metric names the combination."""
    from huggingface_hub import EvalResult

    data = str(publication.merged.common["data"]["name"])
    return [
        EvalResult(
            task_type="automatic-speech-recognition",
            dataset_type=_dataset(publication, target) or data,
            dataset_name=f"{publication.merged.name}, {language_name(language)}",
            dataset_config=language,
            dataset_split="test",
            dataset_revision=_revision(publication, language),
            metric_type=publication.board.metrics[language],
            metric_name=f"{_metric(publication, language)}, {publication.board.label(combination)}",
            metric_value=round(100 * error.rate, 2),
            source_name="leaderboard",
            source_url=target.url,
        )
        for combination in select_combinations(publication)
        for language, error in combination.languages.items()
    ]


def _dataset(publication: Publication, target: Target) -> str | None:
    """The evaluated dataset if it is on the Hub, otherwise the dataset repository of `target`.

    None if neither is a dataset of the Hub, as the current format requires.
    """
    repo = publication.merged.common["data"]["settings"].get("repo")
    return str(repo) if repo else target.name if target.kind == "dataset" else None


def _identity(publication: Publication, language: str) -> dict[str, object]:
    for folder in publication.merged.folders:
        for corpus in folder.provenance["corpora"]:
            if corpus["language"] == language and corpus.get("identity"):
                return dict(corpus["identity"])
    return {}


def _revision(publication: Publication, language: str) -> str | None:
    sha = _identity(publication, language).get("sha")
    return str(sha) if sha else None


def _task(publication: Publication, language: str) -> str:
    return str(_identity(publication, language).get("config") or language)


def _metric(publication: Publication, language: str) -> str:
    return publication.board.metrics[language].upper()
