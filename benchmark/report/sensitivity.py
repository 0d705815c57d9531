"""How much each study's error rate depends on its settings, from trials.parquet alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.results.documents import loads
from benchmark.statistics.estimate import is_known
from benchmark.suite.tuning import STUDY_AXES


@dataclass(frozen=True)
class TriedSetting:
    """One trial: its mean error rate (a fraction, NaN where it failed) and its end."""

    rate: float
    state: str
    is_default: bool
    is_best: bool


@dataclass(frozen=True)
class Spread:
    """The trials of one study.

    Rates are means over the validation instances, fractions, NaN where there are none. A pruned
    trial counts in `median` and `worst` with the mean of the instances that it ran. `changed` holds
    the chosen settings that differ from the default.
    """

    axes: dict[str, str]
    tries: tuple[TriedSetting, ...]
    num_trials: int
    num_settings: int
    default: float
    best: float
    median: float
    worst: float
    changed: dict[str, Any]
    reason: str

    def count(self, state: str) -> int:
        """How many trials ended so."""
        return sum(tried.state == state for tried in self.tries)

    @property
    def trials(self) -> str:
        """`8: 3 pruned, 1 failed`; where there are fewer trials than planned, it says why."""
        lost = [f"{n} {state}" for state in ("pruned", "failed") if (n := self.count(state))]
        shown = f"{len(self.tries)}"
        if len(self.tries) == self.num_settings < self.num_trials:
            shown += " (the whole space)"
        elif len(self.tries) < self.num_trials:
            shown += f" of {self.num_trials}, interrupted"
        return f"{shown}: {', '.join(lost)}" if lost else shown

    @property
    def setting(self) -> str:
        """What was chosen, `lr = 0.01`; the default where nothing is better."""
        return ", ".join(f"{name} = {value}" for name, value in self.changed.items()) or "default"


@dataclass(frozen=True)
class Sensitivity:
    """All studies of a suite, with what they were judged on."""

    spreads: tuple[Spread, ...]
    languages: tuple[str, ...]
    num_instances: int
    error_name: str

    @property
    def drawable(self) -> list[Spread]:
        """The studies with a rate to show."""
        return [spread for spread in self.spreads if is_known(spread.worst)]

    @property
    def varying(self) -> tuple[str, ...]:
        """The axes in which studies differ; the optimizer where they do not."""
        axes = tuple(a for a in STUDY_AXES if len({spread.axes[a] for spread in self.spreads}) > 1)
        return axes or ("optimizer",)

    def label(self, spread: Spread) -> str:
        """What tells a study from the others, such as `maml, adamw`."""
        return ", ".join(spread.axes[axis] for axis in self.varying)


def sensitivity(trials: pd.DataFrame) -> Sensitivity | None:
    """The spread of every study in `trials`, in their order; None where there is none."""
    if trials.empty:
        return None
    metrics = set(trials["metric"])
    return Sensitivity(
        spreads=tuple(_spread(rows) for _, rows in trials.groupby(list(STUDY_AXES), sort=False)),
        languages=tuple(dict.fromkeys(map(str, trials["language"]))),
        num_instances=int(trials["num_instances"].max()),
        error_name=str(metrics.pop()).upper() if len(metrics) == 1 else "error rate",
    )


def _spread(rows: pd.DataFrame) -> Spread:
    first = rows.drop_duplicates("trial").sort_values("trial")
    tries = tuple(
        TriedSetting(
            float(row["mean"]) if row["state"] in ("complete", "pruned") else float("nan"),
            str(row["state"]),
            bool(row["is_default"]),
            bool(row["is_best"]),
        )
        for row in first.to_dict("records")
    )
    rates = pd.Series([tried.rate for tried in tries]).dropna()
    reasons = rows["reason"].dropna()
    return Spread(
        axes={axis: str(rows[axis].iloc[0]) for axis in STUDY_AXES},
        tries=tries,
        num_trials=int(rows["num_trials"].iloc[0]),
        num_settings=int(rows["num_settings"].iloc[0]),
        default=_rate(tried.rate for tried in tries if tried.is_default),
        best=_rate(tried.rate for tried in tries if tried.is_best),
        median=float(rates.median()),
        worst=float(rates.max()),
        changed=_changed(first),
        reason=str(reasons.iloc[0]) if len(reasons) else "",
    )


def _rate(rates: Iterable[float]) -> float:
    return next(iter(rates), float("nan"))


def _changed(first: pd.DataFrame) -> dict[str, Any]:
    """The settings of the best trial that differ from those of the default one."""
    default, best = (
        [loads(text) for text in first.loc[first[column].fillna(False).astype(bool), "params"]]
        for column in ("is_default", "is_best")
    )
    if not default or not best:
        return {}
    axes = {name.partition(".")[0] for name in best[0]}
    return {
        name if len(axes) > 1 else name.partition(".")[2]: value
        for name, value in best[0].items()
        if value != default[0].get(name)
    }
