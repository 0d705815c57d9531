"""The search of settings, with results that are made up in place of training."""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import DataError
from benchmark.plan.speech import Speech
from benchmark.store.stages import StageStore
from benchmark.suite.load import load
from benchmark.suite.matrix import Cell, matrix
from benchmark.suite.schema import Suite
from benchmark.tune.ahead import first_instances
from benchmark.tune.instances import plan_instances
from benchmark.tune.replay import replay
from benchmark.tune.rounds import search_all
from benchmark.tune.rows import trial_rows
from benchmark.tune.search import STARTUP_WHOLE, Search
from benchmark.tune.settle import settle
from benchmark.tune.study import Study, studies
from benchmark.tune.trial import Judged


def error(cell: Cell) -> float:
    """A bowl around a learning rate of 0.01, harder on some supports, with a little noise."""
    settings = cell.optimizer.identity["settings"]
    bowl = 0.1 * abs(math.log10(settings["lr"] / 0.01)) + settings["weight_decay"]
    noise = zlib.crc32(f"{settings}{cell.language}{cell.draw}".encode()) % 100 / 2000
    return 0.2 + bowl + 0.1 * cell.draw + noise


def judge(cells: Sequence[Cell], of: Callable[[Cell], float | None] = error) -> list[Judged | None]:
    return [
        Judged(
            cell.language, cell.draw, "wer", value, "diverged: adapt: nan" if not value else None
        )
        for cell in cells
        for value in [of(cell)]
    ]


def searched(
    suite: Suite, of: Callable[[Cell], float | None] = error, only: Sequence[str] = ()
) -> list[Search]:
    cells = matrix(suite, {"optimizer": only} if only else None)
    searches = [Search(study) for study in studies(suite, cells)]
    search_all(searches, lambda cells: judge(cells, of))
    return searches


def test_one_study_serves_all_compressions_of_a_combination(tuned_suite: Suite) -> None:
    suite = load(tuned_suite.path, ["compressions=[none, int8]", "seeds=[0, 1]", "draws=[0, 1]"])
    labels = [study.labels for study in studies(suite, matrix(suite))]
    assert [label["optimizer"] for label in labels] == ["sgd", "adamw"]


def test_the_default_is_tried_first_and_the_best_is_no_worse(tuned_suite: Suite) -> None:
    for search in searched(tuned_suite):
        first, best = search.trials[0], search.best
        assert first.settings == search.study.default
        assert first.state == "complete"
        assert best is not None and best.mean is not None and first.mean is not None
        assert best.mean <= first.mean
        assert best.mean == min(t.mean for t in search.trials if t.state == "complete" and t.mean)


def test_a_space_smaller_than_the_trials_is_tried_in_full(tuned_suite: Suite) -> None:
    sgd, adamw = searched(tuned_suite)
    assert sorted(t.settings["optimizer.lr"] for t in sgd.trials) == sorted(
        sgd.study.space["optimizer.lr"]
    )
    assert len(sgd.trials) == 6
    assert len(adamw.trials) == 8
    tried = [tuple(trial.settings.values()) for trial in adamw.trials]
    assert len(set(tried)) == 8


def test_a_search_of_a_whole_space_finds_what_trying_everything_finds(tuned_suite: Suite) -> None:
    assert tuned_suite.tune is not None
    suite = replace(tuned_suite, tune=replace(tuned_suite.tune, trials=1000))
    for search in searched(suite):
        study = search.study
        every = [
            dict(zip(study.space, values, strict=True))
            for values in itertools.product(*study.space.values())
        ]
        rates = [
            sum(error(cell) for cell in study.instances(settings)) / study.num_instances
            for settings in every
        ]
        assert len(search.trials) == len(every)
        assert search.chosen == every[rates.index(min(rates))]


def test_the_same_results_lead_to_the_same_trials(tuned_suite: Suite) -> None:
    assert trial_rows(searched(tuned_suite)) == trial_rows(searched(tuned_suite))


def test_a_study_does_not_depend_on_the_others(tuned_suite: Suite) -> None:
    alone = searched(tuned_suite, only=["adamw(tuned)"])
    assert trial_rows(alone) == trial_rows(searched(tuned_suite)[1:])


def test_more_trials_go_on_from_those_that_were_there(tuned_suite: Suite) -> None:
    assert tuned_suite.tune is not None
    longer = replace(tuned_suite, tune=replace(tuned_suite.tune, trials=12))
    few, many = searched(tuned_suite)[1], searched(longer)[1]
    assert [t.settings for t in many.trials[:8]] == [t.settings for t in few.trials]
    assert len(many.trials) == 12


def test_a_trial_is_stopped_when_most_before_it_did_better(tuned_suite: Suite) -> None:
    bad = {"seen": 0}

    def ever_worse(cell: Cell) -> float:
        bad["seen"] += 1
        return 0.2 + 0.01 * bad["seen"]

    search = searched(tuned_suite, ever_worse, ["adamw(tuned)"])[0]
    states = [trial.state for trial in search.trials]
    assert states == ["complete"] * STARTUP_WHOLE + ["pruned"] * 5
    assert all(len(trial.judged) == 1 for trial in search.trials[STARTUP_WHOLE:])
    assert search.best is search.trials[0]


def test_a_trial_that_diverges_has_failed_and_never_wins(tuned_suite: Suite) -> None:
    def diverges(cell: Cell) -> float | None:
        return None if cell.optimizer.member.lr > 0.002 else error(cell)

    search = searched(tuned_suite, diverges, ["adamw(tuned)"])[0]
    failed = [trial for trial in search.trials if trial.state == "failed"]
    assert failed
    assert all(trial.settings["optimizer.lr"] > 0.002 for trial in failed)
    assert all(len(trial.judged) == 1 for trial in failed)
    assert search.chosen["optimizer.lr"] <= 0.002
    reasons = [row["reason"] for row in trial_rows([search]) if row["state"] == "failed"]
    assert set(reasons) == {"diverged: adapt: nan"}


def test_where_every_trial_fails_the_default_stays(tuned_suite: Suite) -> None:
    search = searched(tuned_suite, lambda cell: None)[0]
    assert search.best is None
    assert search.chosen == search.study.default
    assert not any(row["is_best"] for row in trial_rows([search]))


def test_trials_of_all_studies_are_run_side_by_side(tuned_suite: Suite) -> None:
    asked: list[int] = []

    def count(cells: Sequence[Cell]) -> list[Judged | None]:
        asked.append(len(cells))
        return judge(cells)

    searches = [Search(study) for study in studies(tuned_suite, matrix(tuned_suite))]
    search_all(searches, count)
    assert asked[:6] == [2] * 6


def test_what_is_run_ahead_is_what_the_first_trials_of_a_search_ask_for(tuned_suite: Suite) -> None:
    asked: list[tuple[object, ...]] = []

    def named(cell: Cell) -> tuple[object, ...]:
        return cell.optimizer.identity, cell.language, cell.draw

    def note(cells: Sequence[Cell]) -> list[Judged | None]:
        asked.extend(map(named, cells))
        return judge(cells)

    for study in studies(tuned_suite, matrix(tuned_suite)):
        asked.clear()
        search_all([Search(study)], note)
        ahead = [named(cell) for cell in first_instances(study)]
        assert len(ahead) == STARTUP_WHOLE * study.num_instances
        assert ahead == asked[: len(ahead)]


def test_a_tuned_cell_has_the_settings_that_were_chosen(tuned_suite: Suite) -> None:
    cells = matrix(tuned_suite)
    assert cells.awaits_tuning
    searches = searched(tuned_suite)
    settled = settle(cells, searches)
    assert not settled.awaits_tuning
    assert [cell.labels for cell in settled.cells] == [cell.labels for cell in cells.cells]
    chosen = {search.study.labels["optimizer"]: search.chosen for search in searches}
    for cell in settled.cells:
        if cell.tuned:
            own = chosen[cell.optimizer.tuned_from or ""]
            for name, value in own.items():
                assert cell.optimizer.identity["settings"][name.split(".")[1]] == value
        else:
            assert cell.optimizer.member == type(cell.optimizer.member)()


def test_trials_are_judged_on_validation_languages_alone(tuned_suite: Suite) -> None:
    for study in studies(tuned_suite, matrix(tuned_suite)):
        cells = study.instances(study.default)
        assert [(cell.language, cell.draw) for cell in cells] == [("bb", 0), ("bb", 1)]
        assert {cell.seed for cell in cells} == {0}
        assert {cell.compression.label for cell in cells} == {"none"}


@pytest.mark.parametrize("language", ["cc", "aa"])
def test_a_trial_on_another_language_is_refused(language: str, tuned_suite: Suite) -> None:
    study = studies(tuned_suite, matrix(tuned_suite))[0]
    cells = [replace(study.instances(study.default)[0], language=language)]
    speech = Speech.of(tuned_suite.data, tuning=True)
    with pytest.raises(DataError, match=f"tuning must not see '{language}'"):
        plan_instances(tuned_suite, cells, speech, {})


def test_a_test_language_is_refused_even_where_it_passes_for_validation(
    tuned_suite: Suite, tmp_path: Path
) -> None:
    suite = replace(tuned_suite, data=replace(tuned_suite.data, validation=("cc",)))
    study: Study = studies(suite, matrix(suite))[0]
    speech = Speech.of(suite.data, tuning=True)
    with pytest.raises(DataError, match="tuning must not see 'cc'"):
        plan_instances(suite, study.instances(study.default), speech, {})


def test_what_has_not_run_leaves_a_search_where_it_is(tuned_suite: Suite, tmp_path: Path) -> None:
    def unknown(cells: Sequence[Cell]) -> list[Judged | None]:
        return [None if cell.draw else one for cell, one in zip(cells, judge(cells), strict=True)]

    searches = [Search(study) for study in studies(tuned_suite, matrix(tuned_suite))]
    search_all(searches, unknown)
    assert [len(search.trials) for search in searches] == [1, 1]
    assert not any(search.finished for search in searches)
    assert settle(matrix(tuned_suite), searches).awaits_tuning


def test_looking_up_how_far_studies_are_imports_no_torch_and_runs_nothing(
    tuned_suite: Suite, tmp_path: Path
) -> None:
    cells = matrix(tuned_suite)
    store = StageStore(tmp_path / "stages")
    searches = replay(tuned_suite, cells, Speech.of(tuned_suite.data, tuning=True), {}, store)
    assert len(searches) == 2
    assert not (tmp_path / "stages").exists()


def test_a_combination_that_makes_no_sense_has_no_study(tmp_path: Path, tuned_text: str) -> None:
    path = tmp_path / "tiny.yaml"
    text = tuned_text.replace("methods: [joint]", "methods: [joint, boil]")
    path.write_text(text + "heads: [fresh]\n")
    suite = load(path)
    assert {study.labels["method"] for study in studies(suite, matrix(suite))} == {"joint"}


def test_a_model_that_cannot_be_had_has_no_study(tuned_suite: Suite) -> None:
    models = tuple(replace(model, blocked="no such folder") for model in tuned_suite.models)
    suite = replace(tuned_suite, models=models)
    assert matrix(suite).awaits_tuning
    assert studies(suite, matrix(suite)) == []


def test_trials_keep_no_snapshots_for_the_curves_of_a_suite(tuned_suite: Suite) -> None:
    suite = load(tuned_suite.path, ["curve=[0, 1]"])
    speech = Speech.of(suite.data, tuning=True)
    study = studies(suite, matrix(suite))[0]
    plans = [
        plan_instances(s, study.instances(study.default), speech, {}) for s in (suite, tuned_suite)
    ]
    assert plans[0].graph.stages.keys() == plans[1].graph.stages.keys()
