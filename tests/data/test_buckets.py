"""Batches fall into few shapes, with little padding."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import Generator

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import Utterance
from benchmark.data.buckets import MOST, Buckets, Shape, bucket
from benchmark.data.features import Features
from benchmark.data.frontend import front_end
from benchmark.data.loader import Loader
from benchmark.data.preview import batches, episodes, mixtures, together
from benchmark.data.speech import SpeechSet
from benchmark.data.vocabulary import Vocabulary


def random_shapes(size: int, count: int, seed: int = 0) -> list[Shape]:
    random = np.random.default_rng(seed)
    frames = random.gamma(9, 25, count).astype(int) + 20
    return [Shape(size, int(f), int(f) // 7 + int(random.integers(4))) for f in frames]


def frames_of(buckets: Buckets, shapes: list[Shape]) -> int:
    return sum(shape.size * buckets.padded(shape).frames for shape in shapes)


def test_shapes_hold_the_batches_they_were_made_for_and_are_few() -> None:
    shapes = [*random_shapes(8, 300), *random_shapes(16, 200, seed=1)]
    buckets = Buckets.fit(shapes)
    padded = {buckets.padded(shape) for shape in shapes}
    assert len(padded) <= MOST
    for shape in shapes:
        outer = buckets.padded(shape)
        assert outer.size == shape.size
        assert outer.frames >= shape.frames
        assert outer.units >= shape.units


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_other_shapes_pad_less(most: int) -> None:
    shapes = [Shape(4, frames, 5) for frames in (3, 3, 5, 8, 8, 8, 13, 21, 22, 34)]
    lengths = sorted({shape.frames for shape in shapes})
    best = min(
        sum(4 * min(top for top in tops if top >= shape.frames) for shape in shapes)
        for tops in combinations(lengths, most)
        if tops[-1] == 34
    )
    assert frames_of(Buckets.fit(shapes, most), shapes) == best


def test_sizes_share_the_shapes_by_what_these_save() -> None:
    varied, equal = random_shapes(8, 100), [Shape(16, 100, 10)] * 100
    shapes = Buckets.fit([*varied, *equal], 4).shapes
    assert (len(shapes[8]), len(shapes[16])) == (3, 1)


def test_equal_batches_need_one_shape() -> None:
    buckets = Buckets.fit([Shape(8, 50, 4)] * 3)
    assert buckets.shapes == {8: [Shape(8, 50, 4)]}


def test_a_batch_beyond_all_shapes_is_padded_too() -> None:
    buckets = Buckets.fit([Shape(8, 50, 4)])
    assert buckets.padded(Shape(8, 51, 4)) == Shape(8, bucket(51), 4)
    assert buckets.padded(Shape(3, 50, 5)) == Shape(3, bucket(50), 5)


class Silence:
    def waveform(self, uid: str) -> np.ndarray:
        raise AssertionError("nothing is loaded to see what will be drawn")


def speech_set(language: str, seconds: float, **augmentation: float) -> SpeechSet:
    random = np.random.default_rng(len(language) + int(100 * seconds))
    durations = seconds * random.gamma(16, 1 / 16, 100)
    return SpeechSet(
        [
            Utterance(str(i), language, "train", None, "abcdefghij"[: int(9 * d) % 10 or 1], d, "")
            for i, d in enumerate(durations.round(2).tolist())
        ],
        Loader(Silence(), front_end("log_mel", Features()), torch.device("cpu")),  # type: ignore[arg-type]
        Vocabulary.of("characters", ["abcdefghij"]),
        Generator().manual_seed(0),
        Augmentation(**augmentation),
    )


@pytest.mark.parametrize("speed", [0.0, 0.1])
def test_real_batches_of_a_suite_fall_into_the_shapes_of_previews(speed: float) -> None:
    sets = [speech_set(name, s, speed=speed) for name, s in (("de", 1.5), ("en", 2), ("pl", 2.2))]
    buckets = Buckets.fit([*batches(sets, 8), *episodes(sets, 8), *mixtures(sets, 16)])
    drawn = []
    for i in range(60):
        one = sets[i % 3]
        drawn.append(one.shape(one.draw_batch(8)))
        drawn += [one.shape(draw) for draw in one.draw_episode(8, 8)]
        parts = [each.shape(each.draw_batch(n)) for each, n in zip(sets, (6, 5, 5), strict=True)]
        drawn.append(Shape(16, max(p.frames for p in parts), max(p.units for p in parts)))
    assert len({buckets.padded(shape) for shape in drawn}) <= MOST
    assert frames_of(buckets, drawn) <= sum(s.size * s.frames for s in drawn) / (1 - 0.15)


def test_a_preview_leaves_what_will_be_drawn_as_it_is() -> None:
    looked, untouched = speech_set("de", 2, noise_snr_db=3), speech_set("de", 2, noise_snr_db=3)
    for look in (batches, episodes, mixtures):
        look([looked], 4)
    assert looked.draw_batch(4).places == untouched.draw_batch(4).places


def test_batches_that_learners_share_are_longer() -> None:
    shapes = batches([speech_set("de", 2)], 4)
    shared = together(shapes, 16)
    assert np.mean([s.frames for s in shared]) > np.mean([s.frames for s in shapes])
    assert max(s.frames for s in shared) == max(s.frames for s in shapes)
