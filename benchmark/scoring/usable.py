"""The definition of a usable model, one that recognises speech.

A cell is unusable if it has no result, if its model has collapsed, or if its error rate, by the
metric of its language, is 95 % or more. Unusable rows are shown and never recommended.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

UNUSABLE_ERROR_RATE = 0.95
"""A model with this error rate or a higher one is of no use to anybody."""

COLLAPSE_BLANKS = 0.98
COLLAPSE_DELETIONS = 0.9

COLLAPSE_ERRORS = 0.5
"""Nearly blank output is a collapse only with an error rate above this one: a model that recognises
short commands also outputs mostly blanks."""

SAME = 0.98
"""Share of utterances with the same hypothesis from which on the output counts as constant."""

MIXED = 0.5
"""Constant output is a collapse only if no reference is more common than this."""

NOTHING_USABLE = (
    "No model recognises speech here: every model has collapsed or makes 95 % errors or more."
    " Nothing is recommended."
)


class Usable(NamedTuple):
    """Which combinations are usable: over all languages (C,), and in each of them (C, L).

    `hopeless` names the languages in which no combination is usable.
    """

    overall: NDArray[np.bool_]
    languages: NDArray[np.bool_]
    hopeless: tuple[str, ...]


def collapsed(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether the model of each scored cell outputs almost nothing, or always the same."""
    blanks = _column(records, "blank_fraction")
    wrong = _own_rate(records) >= COLLAPSE_ERRORS
    silent = (blanks >= 1) | ((blanks >= COLLAPSE_BLANKS) & wrong)
    deleting = _column(records, "deletion_rate") >= COLLAPSE_DELETIONS
    constant = _column(records, "constant") > 0
    return (records["status"] == "ok") & (silent | deleting | constant)


def constant(utterances: pd.DataFrame) -> pd.Series[bool]:
    """By cell, whether its model outputs nothing, or the same text for all utterances.

    `utterances` has `cell`, and `hypothesis` and `reference` unless results lack these columns.
    """
    if not {"hypothesis", "reference"} <= set(utterances.columns):
        return pd.Series(dtype=bool)
    texts = utterances[["cell", "hypothesis", "reference"]].fillna("")
    number = texts.groupby("cell").size()
    silent = (texts["hypothesis"].str.strip() == "").groupby(texts["cell"]).mean() >= SAME
    commonest = {
        name: texts.groupby(["cell", name]).size().groupby(level=0).max() / number
        for name in ("hypothesis", "reference")
    }
    same = (commonest["hypothesis"] >= SAME) & (commonest["reference"] <= MIXED)
    return silent | (same & (number > 2))


def usable(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether each cell's model recognises speech, by the metric of the cell's language."""
    return (
        (records["status"] == "ok")
        & (_own_rate(records) < UNUSABLE_ERROR_RATE)
        & ~collapsed(records)
    )


def usable_combinations(
    records: pd.DataFrame,
    combination: NDArray[np.intp],
    size: int,
    languages: tuple[str, ...],
    competes: NDArray[np.bool_] | None = None,
) -> Usable:
    """Which of `size` combinations are usable; `combination` has the number of each record's.

    A combination is usable in a language where most of its scored cells are and its mean rate is
    below `UNUSABLE_ERROR_RATE`. It is usable overall where its macro average is below that too and
    it is usable in every language that another combination recognises: an average hides a language
    that is lost, but a language that defeats every combination is no reason to choose between them.
    `competes` (C,) marks the combinations that count as others here; without it all do.
    """
    own = _own_rate(records)
    scored = (records["status"] == "ok") & own.notna()
    table = pd.DataFrame(
        {
            "combination": combination,
            "language": pd.Categorical(records["language"], categories=languages).codes,
            "usable": usable(records).to_numpy(np.float64),
            "rate": own.to_numpy(np.float64),
        }
    )[scored.to_numpy()]
    means = table.groupby(["combination", "language"]).mean()
    place = tuple(means.index.get_level_values(i).to_numpy() for i in range(2))
    share, rate = (np.full((size, len(languages)), np.nan) for _ in range(2))
    share[place], rate[place] = means["usable"].to_numpy(), means["rate"].to_numpy()
    able = (share > 0.5) & (rate < UNUSABLE_ERROR_RATE)
    lost = ~np.isnan(rate) & ~able
    rivals = slice(None) if competes is None else competes
    recognised = able[rivals].any(axis=0)
    count = (~np.isnan(rate)).sum(axis=1)
    average = np.nansum(rate, axis=1) / np.maximum(count, 1)
    overall = able.any(axis=1) & ~(lost & recognised).any(axis=1) & (average < UNUSABLE_ERROR_RATE)
    scored_languages = ~np.isnan(rate[rivals]).all(axis=0)
    hopeless = tuple(languages[i] for i in np.flatnonzero(scored_languages & ~recognised))
    return Usable(overall, able, hopeless)


def _own_rate(records: pd.DataFrame) -> pd.Series[float]:
    by_characters = records["metric"].eq("cer").fillna(False).astype(bool)
    return _column(records, "cer").where(by_characters, _column(records, "wer"))


def _column(records: pd.DataFrame, name: str) -> pd.Series[float]:
    """A column of numbers, NaN if the results lack it."""
    if name not in records:
        return pd.Series(np.nan, index=records.index)
    return pd.to_numeric(records[name], errors="coerce").astype(float)
