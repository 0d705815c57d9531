"""Results in the formats in which the Hub shows them on a model's page.

The current one is a YAML file per variant in `.eval_results/` of the model's repository
(https://huggingface.co/docs/hub/eval-results); the older one is `model-index` in its card. Both
are written for the combinations that somebody may ship: the best tie group and the Pareto front of
error rate and file size. Copy the file of yours into the repository of your model.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmark.data.languages import name as language_name
from benchmark.publish.build import Publication
from benchmark.publish.combinations import Combination
from benchmark.report.tables import pareto_front

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

    from benchmark.publish.hub import Target

MAX_VARIANTS = 20
FOLDER = ".eval_results"


def shippable(found: Publication) -> list[Combination]:
    """The best tie group and the front of error rate against file size, at most MAX_VARIANTS."""
    ranked = [c for c in found.board.combinations if c.overall and c.overall.group]
    points = [
        (c.costs["size_bytes"], c.overall.error.rate if c.overall else math.inf) for c in ranked
    ]
    known = [i for i, (size, _) in enumerate(points) if math.isfinite(size)]
    front = {known[i] for i in pareto_front([points[i] for i in known])}
    best = [i for i, c in enumerate(ranked) if c.overall and c.overall.group == 1]
    chosen = sorted(front) + [i for i in best if i not in front]
    return [ranked[i] for i in sorted(chosen[:MAX_VARIANTS])]


def write_evaluations(folder: Path, found: Publication, target: Target) -> None:
    """Write `.eval_results/<number>.yaml`, one entry per language, where a dataset can be named."""
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    dataset = _dataset(found, target)
    if dataset is None:
        return
    (folder / FOLDER).mkdir()
    for number, combination in enumerate(shippable(found)):
        entries = [
            EvalResultEntry(
                dataset_id=dataset,
                task_id=_task(found, language),
                value=round(100 * standing.error.rate, 2),
                dataset_revision=_revision(found, language),
                date=str(found.merged.folders[0].provenance.get("created") or "") or None,
                source_url=target.url,
                source_name="leaderboard",
                notes=f"{_metric(found, language)}, %, lower is better;"
                f" {found.board.label(combination)}",
            )
            for language, standing in combination.languages.items()
        ]
        text = yaml.safe_dump(
            eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True
        )
        (folder / FOLDER / f"{number}.yaml").write_text(text, encoding="utf-8")


def model_index(found: Publication, target: Target) -> list[EvalResult]:
    """The same results for the `model-index` of a card; named after their combinations."""
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="automatic-speech-recognition",
            dataset_type=_dataset(found, target) or str(found.merged.common["data"]["name"]),
            dataset_name=f"{found.merged.name}, {language_name(language)}",
            dataset_config=language,
            dataset_split="test",
            dataset_revision=_revision(found, language),
            metric_type=found.board.metrics[language],
            metric_name=f"{_metric(found, language)}, {found.board.label(combination)}",
            metric_value=round(100 * standing.error.rate, 2),
            source_name="leaderboard",
            source_url=target.url,
        )
        for combination in shippable(found)
        for language, standing in combination.languages.items()
    ]


def _dataset(found: Publication, target: Target) -> str | None:
    """The dataset that was recognised, if it is on the Hub; else the one that is published to.

    None where neither is a dataset of the Hub, and the current format has no place for results.
    """
    repo = found.merged.common["data"]["settings"].get("repo")
    return str(repo) if repo else target.name if target.kind == "dataset" else None


def _identity(found: Publication, language: str) -> dict[str, object]:
    for folder in found.merged.folders:
        for corpus in folder.provenance["corpora"]:
            if corpus["language"] == language and corpus.get("identity"):
                return dict(corpus["identity"])
    return {}


def _revision(found: Publication, language: str) -> str | None:
    sha = _identity(found, language).get("sha")
    return str(sha) if sha else None


def _task(found: Publication, language: str) -> str:
    return str(_identity(found, language).get("config") or language)


def _metric(found: Publication, language: str) -> str:
    return found.board.metrics[language].upper()
