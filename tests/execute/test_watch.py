"""What a run says while it runs."""

import itertools
from dataclasses import fields

from rich.console import Console

from benchmark.execute import watch
from benchmark.execute.watch import Display
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import KINDS, ScoreCurve


def learner(name):
    values = dict.fromkeys(field.name for field in fields(KINDS["meta_train"]))
    return PlannedStage(KINDS["meta_train"](**values), name, name)


def test_artefacts_timed_in_turn_are_counted_and_not_all_named(monkeypatch):
    monkeypatch.setattr(watch, "PLAIN_SECONDS", 0)
    stages = [
        PlannedStage.of(
            ScoreCurve(hypotheses=str(n), language="nl", metric="wer", normaliser="1"),
            label=f"net, int{n}, nl",
        )
        for n in range(2, 9)
    ]
    console = Console(record=True, width=200, force_terminal=False)
    display = Display(console, stages, [], Estimator(), jobs=1)
    with display:
        for stage in stages:
            display.started(stage)
        display.progressed(stages[0].key, 1, 2)
    said = console.export_text(clear=False)
    assert "score_curve net, int2, nl, " in said
    assert "net, int5, nl, and 3 more" in said
    assert "int6" not in said
    with console.capture() as drawn:
        console.print(display.render())
    assert "int5" in drawn.get()
    assert "and 3 more" in drawn.get()


def test_the_line_says_how_many_steps_learners_take(monkeypatch):
    clock = itertools.count(1e9)
    monkeypatch.setattr(watch.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(watch, "PLAIN_SECONDS", 0)
    stages = [learner(f"joint, seed {n}") for n in range(2)]
    console = Console(record=True, width=200, force_terminal=False)
    with Display(console, stages, [], Estimator(), jobs=1) as display:
        for stage in stages:
            display.started(stage)
        for done in range(1, 30):
            for stage in stages:
                display.progressed(stage.key, done, 100, steps=40)
    assert "learner-steps/s" in console.export_text()


def test_stages_of_a_stack_share_the_time_that_is_left(monkeypatch):
    now = 0.0
    monkeypatch.setattr(watch.time, "monotonic", lambda: now)
    stages = [learner(f"joint, seed {n}") for n in range(8)]
    with Display(Console(quiet=True), stages, [], Estimator(), jobs=4, gpu=True) as display:
        for stage in stages:
            display.started(stage)
        now = 10.0
        for stage in stages:
            display.progressed(stage.key, 25, 100)
        assert display.seconds_left() == 30.0
