"""The search of one study by Optuna, told what came of each trial.

It is deterministic: the sampler is seeded and the study lives in memory, so that a search that was
interrupted is replayed from the results of its trials, which are stored like any others.
"""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmark.tune.study import Settings, Study
from benchmark.tune.trial import Judged, Trial

if TYPE_CHECKING:
    import optuna

STARTUP_RANDOM = 4
"""Trials before the sampler follows what it learnt: Optuna's 10 would leave 8 trials random."""

STARTUP_WHOLE = 3
"""Trials that must have run to their end before any is pruned, the default among them.

Then a trial is stopped when even the lowest of its running means is above the median of theirs
after the same instances. Instances are the same supports for all, so that the comparison is
paired; what is lost is a trial that starts in the worse half and would have ended as the best.
(Optuna's Wilcoxon pruner tests pairs properly, but needs more instances than can be afforded.)
"""

PATIENCE = 20
"""Proposals of settings already tried before the next untried ones are taken in order."""


class Search:
    """Asks for settings to try and is told how they did; the first trial is the default.

    No setting is tried twice: a space smaller than the number of trials is tried in full.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.trials: list[Trial] = []
        self.suspended = False
        """Whether a result that it needs is not there."""

    @property
    def finished(self) -> bool:
        """Whether all trials have come to their end."""
        return len(self.trials) == self.study.num_trials and all(
            trial.state != "running" for trial in self.trials
        )

    @property
    def best(self) -> Trial | None:
        """The trial with the lowest mean, the earliest of equals; None where none is complete."""
        complete = [trial for trial in self.trials if trial.state == "complete"]
        return min(complete, key=lambda trial: trial.mean or 0.0, default=None)

    @property
    def chosen(self) -> Settings:
        """The settings of the best trial, of the default where no trial is complete."""
        return self.best.settings if self.best else self.study.default

    def ask(self) -> Trial | None:
        """The next trial; None when there is none or a result is missing."""
        if self.suspended or len(self.trials) == self.study.num_trials:
            return None
        if not self.trials:
            self._optuna.enqueue_trial(self.study.default)
        settings = next(
            (new for _ in range(PATIENCE) if (new := self._proposed()) is not None), None
        )
        if settings is None:
            self._optuna.enqueue_trial(self._first_untried())
            settings = self._proposed()
        assert settings is not None, "the queue comes before the sampler"
        trial = Trial(len(self.trials), settings)
        self.trials.append(trial)
        return trial

    def tell(self, judged: Judged | None) -> None:
        """Book the next instance of the last trial; None where its result is not there."""
        trial = self.trials[-1]
        if judged is None:
            self.suspended = True
            return
        trial.judged.append(judged)
        if judged.error is None:
            trial.state = "failed"
            self._end("FAIL")
            return
        assert trial.mean is not None
        self._asked.report(trial.mean, len(trial.judged))
        if len(trial.judged) == self.study.num_instances:
            trial.state = "complete"
            self._optuna.tell(self._asked, trial.mean)
        elif self._asked.should_prune():
            trial.state = "pruned"
            self._end("PRUNED")

    @cached_property
    def _optuna(self) -> optuna.Study:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        return optuna.create_study(
            sampler=optuna.samplers.TPESampler(
                n_startup_trials=STARTUP_RANDOM, seed=self.study.seed
            ),
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=STARTUP_WHOLE, n_min_trials=STARTUP_WHOLE
            ),
        )

    def _proposed(self) -> dict[str, Any] | None:
        """What the sampler proposes, None when it was tried before."""
        self._asked = self._optuna.ask()
        settings = {
            name: self._asked.suggest_categorical(name, values)
            for name, values in self.study.space.items()
        }
        if any(trial.settings == settings for trial in self.trials):
            self._end("FAIL")
            return None
        return settings

    def _end(self, state: str) -> None:
        from optuna.trial import TrialState

        self._optuna.tell(self._asked, state=TrialState[state])

    def _first_untried(self) -> dict[str, Any]:
        names = list(self.study.space)
        tried = [trial.settings for trial in self.trials]
        values = itertools.product(*self.study.space.values())
        every = (dict(zip(names, chosen, strict=True)) for chosen in values)
        return next(settings for settings in every if settings not in tried)
