"""What a run says while it runs."""

from rich.console import Console

from benchmark.execute import watch
from benchmark.execute.watch import Display
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import ScoreCurve


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
