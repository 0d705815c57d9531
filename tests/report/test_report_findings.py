"""The sentences claim what the comparisons allow and no more."""

from pathlib import Path

import pandas as pd
from fabricate import record, write_results
from ranked_results import ranked

from benchmark.report.findings import find
from benchmark.results.load import load


def sentences(folder: Path) -> dict[str, str]:
    results = load(folder)
    return {f.title: f.text for f in find(results, ranked(results))}


def sentences_of(folder: Path, *rows: dict[str, object]) -> dict[str, str]:
    pd.DataFrame(list(rows)).to_parquet(folder / "records.parquet")
    return sentences(folder)


def test_methods_within_noise_are_not_ranked(tmp_path: Path) -> None:
    text = sentences_of(
        tmp_path, record(0.40, method="maml"), record(0.41, method="joint"), record(0.9, method="x")
    )
    assert (
        "joint (41.0 % [38.8, 43.2]; +1.0 points) is statistically tied with maml"
        in text["Methods"]
    )
    assert "x (90.0 % [87.8, 92.2]; +50.0 points) is significantly worse" in text["Methods"]
    assert "1 of the other 2 combinations is statistically tied" in text["Lowest error rate"]


def test_gain_over_random_weights_is_told_from_the_method_that_never_trained(
    tmp_path: Path,
) -> None:
    text = sentences_of(
        tmp_path,
        record(0.8, method="anything", meta_train_gradients=0),
        record(0.4, method="maml", meta_train_gradients=6000),
    )
    assert "50 % fewer errors" in text["Compared with random weights"]


def test_random_weights_that_win_are_said_to_win(tmp_path: Path) -> None:
    text = sentences_of(
        tmp_path,
        record(0.3, method="scratch", meta_train_gradients=0),
        record(0.4, method="maml", meta_train_gradients=6000),
    )
    assert text["Compared with random weights"].startswith("No method did better")


def test_what_a_compression_costs_and_saves(tmp_path: Path) -> None:
    text = sentences_of(
        tmp_path,
        record(0.40, compression="none"),
        record(0.41, compression="int8", size_ratio=0.26),
        record(0.60, compression="prune50", size_ratio=1.0),
    )
    cost = text["What compression costs"]
    assert (
        "int8 at 26.0 % of the size (41.0 % [38.8, 43.2]; +1.0 points), statistically tied" in cost
    )
    assert "+20.0 points)." in cost
    assert text["No bytes saved"].startswith("prune50 saves no bytes")
    assert "int8" in text["Smallest model tied with the best"]


def test_of_many_compressions_those_that_no_other_beats_are_named(tmp_path: Path) -> None:
    beaten = [
        record(0.5 + 0.01 * i, compression=f"prune{10 + i}", size_ratio=0.5) for i in range(6)
    ]
    cost = sentences_of(
        tmp_path,
        record(0.40, compression="none"),
        record(0.41, compression="int8", size_ratio=0.26),
        record(0.45, compression="int4", size_ratio=0.14),
        *beaten,
    )["What compression costs"]
    assert "int8" in cost
    assert "int4" in cost
    assert "prune" not in cost
    assert "Each of the other 6 is no smaller and no more accurate than one of these" in cost


def test_one_seed_is_said_to_hide_the_spread(tmp_path: Path) -> None:
    assert "One seed" in sentences_of(tmp_path, record(0.4))


def test_collapse_is_said(tmp_path: Path) -> None:
    text = sentences_of(tmp_path, record(1.0, blank_fraction=1.0))
    assert "joint on nl" in text["Collapsed models"]


def test_sharing_between_adaptation_and_test_is_said(tmp_path: Path) -> None:
    text = sentences_of(tmp_path, record(0.4, shared_texts=0.4, shared_speakers=None))
    assert (
        "may share a sentence with the adaptation speech: nl 40.0 %"
        in text["Shared with adaptation"]
    )
    assert "Shared with adaptation" not in sentences_of(tmp_path, record(0.4))


def test_missing_cells_are_counted(tmp_path: Path) -> None:
    text = sentences(write_results(tmp_path / "r", failures=9, utterances=0))
    assert text["Missing cells"].startswith("9 of 360 cells have no result")


def test_no_result_at_all_is_said(tmp_path: Path) -> None:
    assert "No result" in sentences_of(tmp_path, record(None))


def test_a_ceiling_is_reported_and_never_the_best(tmp_path: Path) -> None:
    text = sentences_of(
        tmp_path,
        record(0.40, method="joint"),
        record(0.10, method="monolingual", meta_train_gradients=0),
    )
    assert text["Lowest error rate"].startswith("joint")
    assert "combination" not in text["Lowest error rate"]
    assert text["Ceiling"].startswith("monolingual, uncompressed: WER 10.0 %")
    assert "not ranked" in text["Ceiling"]
    assert "Methods" not in text
    assert "Compared with random weights" not in text


def test_a_suite_of_ceilings_alone_ranks_nothing(tmp_path: Path) -> None:
    text = sentences_of(tmp_path, record(0.10, method="monolingual"))
    assert "Nothing is recommended" in text["Only ceilings"]
    assert "Lowest error rate" not in text
