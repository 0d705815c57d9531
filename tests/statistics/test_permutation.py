"""P-values by swapping systems: against SciPy's permutation test and exact arrangements."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.paired import Stratum
from benchmark.statistics.permutation import permutation_p


def made(differences: list[float] | np.ndarray, speakers: list[str] | None = None) -> Stratum:
    size = len(differences)
    names = tuple(speakers or [None] * size)
    return Stratum(np.full(size, 2.0), 2.0 + np.asarray(differences), np.full(size, 9.0), names)


def scipy_p(differences: np.ndarray) -> float:
    return float(
        stats.permutation_test(
            (differences,),
            lambda x, axis: x.sum(axis=axis),
            permutation_type="samples",
            n_resamples=20_000,
            rng=np.random.default_rng(1),
        ).pvalue
    )


def test_few_differences_are_arranged_exactly() -> None:
    # All five agree in sign: only two of 2^5 arrangements are as extreme.
    assert permutation_p([made([1, 2, 1, 3, 1])]) == 2 / 32


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.25])
def test_agrees_with_scipy(shift: float) -> None:
    differences = np.round(np.random.default_rng(3).normal(shift, 1, 150))
    expected = scipy_p(differences)
    assert permutation_p([made(differences)]) == pytest.approx(expected, abs=0.012)


def test_speakers_swap_whole_where_there_are_enough() -> None:
    # Twelve speakers, each with ten utterances that err alike.
    differences = np.repeat(np.arange(12) % 3 - 0.5, 10)
    speakers = [f"s{i // 10}" for i in range(120)]
    by_speaker = permutation_p([made(differences, speakers)])
    assert by_speaker == permutation_p([made(differences[::10])])
    assert by_speaker > 100 * permutation_p([made(differences)])


def test_no_difference_is_no_evidence() -> None:
    assert permutation_p([made([0.0] * 40)]) == 1.0


def test_overwhelming_evidence_has_a_small_but_honest_p() -> None:
    assert permutation_p([made([1.0] * 300)]) == pytest.approx(1e-5, rel=0.01)


def test_a_false_difference_is_called_no_more_often_than_it_says() -> None:
    generator = np.random.default_rng(5)
    found = [permutation_p([made(generator.integers(-2, 3, 40))]) for _ in range(400)]
    assert np.mean(np.array(found) < 0.05) < 0.08
