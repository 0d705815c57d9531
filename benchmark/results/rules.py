"""What the values of a column may be, beside its name and type; checked wherever tables are read.

Results come from other people's machines. A value that no run can have written is refused where it
is read, so that nothing behind the reader has to expect it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from benchmark.results.tables import COLUMNS
from benchmark.results.trials import COLUMNS as TRIAL_COLUMNS
from benchmark.store.stages import Status

Text = Literal["name", "key", "words", "raw"]
"""How a text is kept: a `name` is short and printable, a `key` may also name a folder, of `words`
what is not printable is replaced, and what is `raw` stays as it is."""

LARGEST = 1e30
"""No run counts or measures more than this."""

LARGEST_COUNT = 2.0**53
"""Whole numbers to here are exact where they are computed with."""

LONGEST_NAME = 300


@dataclass(frozen=True)
class Column:
    """The values of one column.

    dtype     that of pandas: string, Int64, float64 or boolean
    required  no row may lack it
    choices   the only texts that it may hold; any where there are none
    low, high the range of its numbers, both included
    text      how its texts are kept
    """

    dtype: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = LARGEST
    text: Text = "raw"


Columns = Mapping[str, Column]

METRICS = ("wer", "cer")
RATE: dict[str, Any] = {"high": 1e6}
SHARE: dict[str, Any] = {"high": 1.0}
NAME: dict[str, Any] = {"text": "name"}
KEY: dict[str, Any] = {"text": "key"}
WORDS: dict[str, Any] = {"text": "words"}
NEEDED: dict[str, Any] = {"required": True}
ANY_INTEGER: dict[str, Any] = {"low": -(2.0**63), "high": 2.0**63}

_RATES = [f"{metric}{end}" for metric in METRICS for end in ("", "_low", "_high")]
_NAMES = (
    *("suite", "model", "method", "outer", "optimizer", "compression", "language", "shots"),
    *("head", "runtime", "when", "normaliser", "device", "created"),
)

RULES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(_NAMES, NAME),
    **dict.fromkeys((*_RATES, "curve_area"), RATE),
    **dict.fromkeys(("blank_fraction", "deletion_rate", "shared_speakers", "shared_texts"), SHARE),
    **dict.fromkeys(("quality_key", "cost_key"), KEY),
    **dict.fromkeys(("seed", "draw"), ANY_INTEGER),
    "cell": NAME | NEEDED,
    "status": {"choices": get_args(Status)} | NEEDED,
    "metric": {"choices": METRICS},
    "error": WORDS,
}
"""What `tables.COLUMNS` does not say. Numbers that are not named here are measurements and counts,
which are never negative; texts that are not named are JSON, which `documents` checks."""


def columns(dtypes: Mapping[str, str], rules: Mapping[str, dict[str, Any]]) -> Columns:
    """Columns of these types under these rules."""
    limits = {"Int64": {"high": LARGEST_COUNT}}
    return {
        name: Column(dtype, **{**limits.get(dtype, {}), **rules.get(name, {})})
        for name, dtype in dtypes.items()
    }


RECORD = columns({**COLUMNS, "language_role": "string"}, RULES | {"language_role": NAME})
"""Of records.parquet; earlier versions wrote `language_role`."""

COUNTS = ("n_words", "n_errors", "n_characters", "n_character_errors")

UTTERANCE = columns(
    {
        **dict.fromkeys(("cell", "uid", "language", "speaker"), "string"),
        **dict.fromkeys(("reference", "hypothesis"), "string"),
        **dict.fromkeys(COUNTS, "Int64"),
        "duration": "float64",
    },
    {
        "cell": NAME | NEEDED,
        "uid": NEEDED,
        "language": NAME,
        **dict.fromkeys(COUNTS, NEEDED | {"high": 1e9}),
    },
)
"""Of utterances.parquet; its texts are raw, since digests are taken of them."""

TRIAL = columns(
    TRIAL_COLUMNS,
    {
        **{name: NAME for name, dtype in TRIAL_COLUMNS.items() if dtype == "string"},
        **dict.fromkeys(("trial", "num_trials", "num_settings", "num_instances"), NEEDED),
        **dict.fromkeys(("is_default", "is_best"), NEEDED),
        **dict.fromkeys(("mean", "error"), RATE),
        "draw": ANY_INTEGER,
        "params": NEEDED,
        "language": NAME | NEEDED,
        "state": {"choices": ("complete", "pruned", "failed", "running")} | NEEDED,
        "metric": {"choices": METRICS} | NEEDED,
        "reason": WORDS,
    },
)
"""Of trials.parquet."""
