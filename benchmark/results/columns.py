"""The columns of records.parquet and of published rows, in order.

Writer, reader, published rows, summaries of reports and the table in docs/leaderboard.md derive
from these declarations. Columns may be added but not renamed, since users' scripts read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from benchmark.results.column import (
    Column,
    Columns,
    by_name,
    count,
    flag,
    integer,
    label,
    rate,
    rate_with_interval,
    share,
    text,
)
from benchmark.results.cost_columns import COSTS
from benchmark.results.documents import CURVE
from benchmark.scoring.metrics.base import BASIC, METRICS
from benchmark.store.stages import Status

SETTING: dict[str, Any] = {"axis": True}
UNPUBLISHED: dict[str, Any] = {"published": False}
ROW: dict[str, Any] = {"recorded": False}
"""Columns that only published rows have."""

SCORE: dict[str, Any] = {"stage": "score"}
EVALUATED: dict[str, Any] = {"stage": "evaluate", "computed": True}


def _added_metrics() -> Iterator[Column]:
    """The columns of all metrics other than WER and CER, including those of plug-ins."""
    for name, metric in METRICS.members.items():
        if name not in BASIC:
            yield from rate_with_interval(name, metric.meaning(), **SCORE)


DECLARED = (
    label("suite", "suite that the cell was run in", published_after="group"),
    label("cell", "name of the cell: a hash of all its settings", required=True),
    count("combination", "rows with the same number differ only in language, seed and draw", **ROW),
    count(
        "group",
        "tie group of the combination over all languages, 1 is the best; empty if a language"
        " lacks a result, if the combination is not usable (collapsed, or 95 % errors or more), or"
        " if its method is a ceiling",
        **ROW,
    ),
    label("model", "axis", **SETTING),
    label("method", "axis", **SETTING),
    label("outer", "axis: optimizer of meta-training", **SETTING),
    label("optimizer", "axis: optimizer of adaptation", **SETTING),
    label("compression", "axis", **SETTING),
    label("language", "axis: BCP 47 tag of the test language", **SETTING),
    text("language_name", "its English name", **ROW),
    text("script", "its script, ISO 15924", **ROW),
    label("shots", "axis: utterances or minutes that adaptation may use", **SETTING),
    integer("seed", "axis", **SETTING),
    integer("draw", "which support set was drawn", **SETTING),
    label(
        "head",
        "how output units of a new language are added to those of earlier languages",
        **SETTING,
    ),
    flag("tuned", "whether the settings were chosen by tuning", **UNPUBLISHED),
    flag(
        "ceiling",
        "whether the method learns from all training speech of the language",
        **UNPUBLISHED,
    ),
    label("runtime", "runtime that executed the artefact", **SETTING),
    text(
        "tuned",
        "JSON, in tuned rows: which entries were tuned, how, and the chosen settings",
        in_csv=False,
        **ROW,
    ),
    label("when", "when compression happens: before, during or after adaptation", **UNPUBLISHED),
    text(
        "status",
        "ok, failed, diverged, oom, timeout, unsupported or blocked",
        choices=get_args(Status),
        required=True,
    ),
    Column("error", "string", "why there is no result", text="words"),
    rate("error_rate", "error rate by `metric`, a fraction", **ROW),
    rate("error_rate_low", "lower end of its 95 % bootstrap interval over test utterances", **ROW),
    rate("error_rate_high", "upper end", **ROW),
    *rate_with_interval("wer", "word error rate, a fraction", **SCORE),
    *rate_with_interval("cer", "character error rate, a fraction", **SCORE),
    count("n_utterances", "test utterances", **SCORE),
    count("n_words", "reference words", **SCORE),
    count("n_errors", "substituted, deleted and inserted words", **SCORE),
    count("n_characters", "reference characters", **SCORE, **UNPUBLISHED),
    count(
        "n_character_errors", "substituted, deleted and inserted characters", **SCORE, **UNPUBLISHED
    ),
    *_added_metrics(),
    text(
        "metric",
        "metric of `error_rate`: wer, or cer for scripts without spaces between words",
        choices=BASIC,
        published_after="error",
    ),
    label("normaliser", "version of the text normalisation"),
    share("blank_fraction", "share of frames for which the model emits nothing", stage="evaluate"),
    share("deletion_rate", "deleted words per reference word", **SCORE),
    text(
        "curve",
        "JSON: error rate by optimizer step of adaptation, before compression",
        stage="score_curve",
        json=CURVE,
        published_after="adapt_peak_memory_bytes",
    ),
    rate(
        "curve_area",
        "mean of the error rate in `curve` over log(1 + step)",
        stage="score_curve",
        cost="csv",
        published_after="curve",
    ),
    *COSTS,
    text(
        "pace",
        "JSON, with a budget in seconds: seconds per gradient relative to the reference, in"
        " meta-training and adaptation",
        **ROW,
    ),
    share("shared_speakers", "share of test utterances whose speaker is in the adaptation speech"),
    share("shared_texts", "share of test utterances whose text is in the adaptation speech"),
    flag("synthetic", "whether the speech is synthetic"),
    text("corpus", "digest of the prepared speech of the test language", **ROW),
    text("machine", "machine that ran and timed the cell", **ROW),
    Column(
        "quality_key",
        "string",
        "hash of everything that can change the hypotheses",
        published_after="created",
        text="key",
    ),
    Column(
        "cost_key",
        "string",
        "hash of everything that can change the latency",
        varies=True,
        published_after="quality_key",
        text="key",
    ),
    label("device", "cpu or cuda", **EVALUATED),
    count("source", "index into `sources` of leaderboard.json", **ROW),
    label("created", "when the test set was transcribed, ISO 8601", varies=True, **EVALUATED),
    text("hypotheses", "digest of all hypotheses; equal digests mean equal hypotheses", **ROW),
    text(
        "params",
        "JSON: every setting of the cell; in leaderboard.json see `common`",
        in_csv=False,
        published_after="lineage",
    ),
    text(
        "lineage",
        "JSON: kind, key and digest of weights of each stage that the cell depends on",
        in_csv=False,
    ),
)


def _published() -> dict[str, Column]:
    """The published columns in their order."""
    columns = [column for column in DECLARED if column.published]
    ordered = [column for column in columns if not column.published_after]
    for column in columns:
        if column.published_after:
            names = [other.name for other in ordered]
            ordered.insert(names.index(column.published_after) + 1, column)
    return by_name(ordered)


RECORD: Columns = by_name(column for column in DECLARED if column.recorded)
"""Columns of records.parquet. Rates are fractions; values that were not measured are absent."""

PUBLISHED: Columns = _published()
"""Columns of a published row. Values that were not measured are absent."""

VARYING = frozenset(name for name, column in RECORD.items() if column.varies)
"""Columns of records that differ between repetitions of the same cell."""


@cache
def facts(kind: str) -> tuple[Column, ...]:
    """The columns whose values are facts of the same name in stages of a kind."""
    return tuple(c for c in RECORD.values() if c.stage == kind and not c.computed)
