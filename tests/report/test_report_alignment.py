"""The per-utterance view shows the edits that the error rate counts."""

from pathlib import Path

import jiwer
import pandas as pd
import pytest
from fabricate import write_results
from hypothesis import given
from hypothesis import strategies as st

from benchmark.board.build import build_board
from benchmark.report import alignment
from benchmark.results.load import load
from benchmark.scoring.alignment import align


def test_words_substituted_deleted_and_inserted() -> None:
    assert align("the cat sat down", "the hat sat", "wer") == [
        ("equal", "the", "the"),
        ("substitute", "cat", "hat"),
        ("equal", "sat", "sat"),
        ("delete", "down", ""),
    ]
    assert align("one", "one more", "wer")[-1] == ("insert", "", "more")


def test_languages_without_spaces_are_aligned_by_character() -> None:
    steps = align("\u4eca\u65e5\u306f", "\u4eca\u65e5", "cer")
    assert steps == [("equal", "\u4eca\u65e5", "\u4eca\u65e5"), ("delete", "\u306f", "")]


def test_nothing_heard_is_all_deleted() -> None:
    assert align("one two", "", "wer") == [("delete", "one two", "")]


def test_the_alignment_that_scoring_kept_is_the_one_that_is_shown() -> None:
    assert align("a a", "a", "wer", "=d") == [("equal", "a", "a"), ("delete", "a", "")]
    assert align("a a", "a", "wer", "d=") == [("delete", "a", ""), ("equal", "a", "a")]


@pytest.mark.parametrize("edits", ["==", "=", "=x", "=d", "=ds", ""])
def test_an_alignment_of_other_texts_is_made_anew(edits: str) -> None:
    assert align("a b", "a c", "wer", edits) == [("equal", "a", "a"), ("substitute", "b", "c")]


def test_a_view_shows_the_stored_alignment_and_older_folders_get_one(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "r", methods=("joint",), failures=0)
    table = pd.read_parquet(folder / "utterances.parquet").assign(
        reference="twee twee", hypothesis="twee"
    )
    for edits, kinds in ((None, None), ("d=", ["delete", "equal"]), ("=d", ["equal", "delete"])):
        stored = table if edits is None else table.assign(edits=edits)
        stored.to_parquet(folder / "utterances.parquet", index=False)
        results = load(folder)
        [view, *_] = alignment.sample(results, build_board(results.records))
        assert (view["utterances"][0]["errors"], view["utterances"][0]["units"]) == (1, 2)
        assert kinds in (None, [kind for kind, _, _ in view["utterances"][0]["steps"]])


texts = st.lists(st.sampled_from(["a", "bb", "ccc", "d"]), min_size=1, max_size=9).map(" ".join)


@given(texts, texts)
def test_steps_spell_both_texts_and_hold_the_errors_of_jiwer(left: str, right: str) -> None:
    steps = align(left, right, "wer")
    assert " ".join(filter(None, (a for _, a, _ in steps))) == left
    assert " ".join(filter(None, (b for _, _, b in steps))) == right
    errors = sum(max(len(a.split()), len(b.split())) for kind, a, b in steps if kind != "equal")
    assert errors / len(left.split()) == pytest.approx(jiwer.wer(left, right))


def test_sample_holds_the_best_of_each_method_with_the_worst_first(tmp_path: Path) -> None:
    results = load(write_results(tmp_path / "r", methods=("joint", "maml"), failures=0))
    cells = alignment.sample(results, build_board(results.records))
    assert {cell["label"].split(",")[0] for cell in cells} == {"joint", "maml"}
    assert len(cells) == 2 * 3
    for cell in cells:
        shares = [u["errors"] / u["units"] for u in cell["utterances"]]
        assert shares == sorted(shares, reverse=True)


def test_sample_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MAX_CELLS", 2)
    monkeypatch.setattr(alignment, "MAX_UTTERANCES", 3)
    results = load(write_results(tmp_path / "r", methods=("joint", "maml")))
    cells = alignment.sample(results, build_board(results.records))
    assert [len(cell["utterances"]) for cell in cells] == [3, 3]
    assert cells[0]["total"] == 12
