"""The report tells what compression costs each method and language."""

from pathlib import Path

from fabricate import write_results
from ranked_results import ranked_folder

from benchmark.report.render import render
from benchmark.report.survival import survival_findings, survive


def survival_of(folder: Path):
    return survive(ranked_folder(folder))


def test_every_method_has_its_loss_to_every_compression(tmp_path: Path) -> None:
    survival = survival_of(write_results(tmp_path / "r", failures=0, utterances=30))
    assert survival.reference == "joint"
    assert survival.compressions == ("int8", "prune50", "prune50+int8")
    assert survival.by_method.keys() == {"scratch", "joint", "fomaml", "maml", "reptile"}
    # Fabricated: pruning costs 6 points, int8 next to nothing.
    for losses in survival.by_method.values():
        assert losses["prune50"].loss.difference > losses["int8"].loss.difference
    assert set(survival.by_language["prune50"]) == {"nl", "pt", "tr"}
    (finding,) = survival_findings(survival)
    assert "of 12 comparisons" in finding.text


def test_a_run_without_compressions_has_no_such_section(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "r", compressions=("none",))
    assert survival_of(folder) is None
    assert 'id="survival"' not in render(folder, tmp_path / "reports").read_text()


def test_the_page_shows_losses_with_their_intervals(tmp_path: Path) -> None:
    page = render(write_results(tmp_path / "r", failures=0), tmp_path / "reports").read_text()
    section = page[page.index('id="survival"') : page.index('id="figures"')]
    assert "prune50+int8" in section
    assert section.count("<td>joint</td>") == 1
