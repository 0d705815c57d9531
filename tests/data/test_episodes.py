from __future__ import annotations

import pytest

from benchmark.data.base import Utterance
from benchmark.data.episodes import Shots, draw_support
from benchmark.errors import DataError, UserError

POOL = [
    Utterance(f"nl/train/{n}", "nl", "train", "s", f"tekst {n}", 1 + n % 5, f"digest {n}")
    for n in range(50)
]


@pytest.mark.parametrize("written", [20, "20", "30s", "10min", "1h", "1.5min"])
def test_shots_are_shown_as_written(written: int | str) -> None:
    assert str(Shots.parse(written)) == str(written)


@pytest.mark.parametrize("written", ["ten", 0, -3, "10 hours", "", "1e3", "2.5"])
def test_shots_that_mean_nothing_are_explained(written: int | str) -> None:
    with pytest.raises(UserError, match="neither a number of utterances"):
        Shots.parse(written)


def test_number_of_utterances_is_drawn_whatever_the_order_of_the_pool() -> None:
    drawn = draw_support(POOL, Shots.parse(20), 0)
    assert len(set(drawn)) == 20
    assert draw_support(POOL[::-1], Shots.parse(20), 0) == drawn


def test_more_shots_contain_fewer_of_either_kind() -> None:
    few, many = (draw_support(POOL, Shots.parse(n), 1) for n in (5, 30))
    minute = draw_support(POOL, Shots.parse("1min"), 1)
    assert many[:5] == few
    assert minute == many[: len(minute)]


def test_duration_is_reached_by_the_last_utterance() -> None:
    seconds = {u.uid: u.duration for u in POOL}
    drawn = draw_support(POOL, Shots.parse("1min"), 0)
    assert sum(seconds[uid] for uid in drawn[:-1]) < 60 <= sum(seconds[uid] for uid in drawn)


def test_draws_differ() -> None:
    assert len({tuple(draw_support(POOL, Shots.parse(5), draw)) for draw in range(10)}) == 10


@pytest.mark.parametrize("shots", [51, "3min"])
def test_more_than_exists_says_how_much_does(shots: int | str) -> None:
    with pytest.raises(
        DataError, match=r"more than the training split of nl has: 50 utterances, 150 s"
    ):
        draw_support(POOL, Shots.parse(shots), 0)


def test_empty_pool_is_explained() -> None:
    with pytest.raises(DataError, match="0 utterances"):
        draw_support([], Shots.parse(1), 0)
