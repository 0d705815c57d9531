"""A language's speech as methods and evaluation see it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import Utterance
from benchmark.data.batch import Batch
from benchmark.data.features import Features
from benchmark.data.frontend import LogMel
from benchmark.data.loader import Loader
from benchmark.data.speech import SpeechSet
from benchmark.data.vocabulary import Vocabulary
from benchmark.errors import DataError

VOCABULARY = Vocabulary.of("characters", ["abcdefghij"])


class Noise:
    """Recordings whose samples follow from the uid."""

    def __init__(self, utterances: list[Utterance]) -> None:
        self.lengths = {u.uid: round(u.duration * 16_000) for u in utterances}

    def waveform(self, uid: str) -> NDArray[np.int16]:
        random = np.random.default_rng(int(uid))
        return random.integers(-3000, 3000, self.lengths[uid], dtype=np.int16)


def utterances(texts: list[str]) -> list[Utterance]:
    return [
        Utterance(str(i), "de", "train", None, text, 0.1 + 0.05 * ((7 * i) % 10), "")
        for i, text in enumerate(texts)
    ]


def loader_of(speech: list[Utterance]) -> Loader:
    return Loader(Noise(speech), LogMel(Features()), torch.device("cpu"))


def speech_set(texts: list[str], augmentation: Augmentation | None = None) -> SpeechSet:
    speech = utterances(texts)
    return SpeechSet(
        speech,
        loader_of(speech),
        VOCABULARY,
        Generator().manual_seed(0),
        augmentation or Augmentation(),
    )


def texts_of(batch: Batch) -> list[str]:
    return [
        VOCABULARY.decode(row[:length].tolist())
        for row, length in zip(batch.targets, batch.target_lengths, strict=True)
    ]


TEXTS = ["a", "bc", "d", "efg", "h", "ij", "ab", "cd", "ef", "gh"]


def test_each_pass_has_every_utterance_once_in_another_order() -> None:
    language = speech_set(TEXTS)
    passes = [[t for _ in range(5) for t in texts_of(language.batch(2))] for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == sorted(TEXTS)
    assert passes[0] != passes[1]


def test_a_batch_never_has_an_utterance_twice_even_across_passes() -> None:
    language = speech_set(TEXTS)
    seen: Counter[str] = Counter()
    for _ in range(30):
        batch = texts_of(language.batch(7))
        assert len(set(batch)) == 7
        seen.update(batch)
    assert max(seen.values()) - min(seen.values()) <= 1


def test_batches_have_less_padding_than_chance_would_give() -> None:
    language = speech_set(TEXTS * 8)
    batches = [language.batch(4) for _ in range(20)]
    padded = sum(batch.lengths.max().item() * len(batch) for batch in batches)
    assert padded <= 1.25 * sum(batch.lengths.sum().item() for batch in batches)


def test_a_batch_is_never_larger_than_the_language() -> None:
    assert sorted(texts_of(speech_set(TEXTS).batch(99))) == sorted(TEXTS)


def test_targets_and_features_belong_together() -> None:
    speech = utterances(TEXTS)
    batch = speech_set(TEXTS).batch(4)
    assert batch.features.shape == (4, int(batch.lengths.max()), 64)
    for n, text in enumerate(texts_of(batch)):
        features, frames = loader_of(speech).load([str(TEXTS.index(text))])
        assert batch.lengths[n] == frames[0]
        torch.testing.assert_close(
            batch.features[n, : frames[0]], features[0], rtol=1e-4, atol=1e-4
        )


def test_an_episode_shares_no_utterance_and_no_text_where_there_are_others() -> None:
    language = speech_set(["a", "a", "a", "b", "b", "c", "d", "e"])
    for _ in range(20):
        support, query = language.episode(2, 2)
        assert not set(texts_of(support)) & set(texts_of(query))


def test_an_episode_of_a_closed_vocabulary_still_has_different_utterances() -> None:
    language = speech_set(["a"] * 6)
    support, query = language.episode(3, 3)
    rows = [*_own_frames(support), *_own_frames(query)]
    assert len(rows) == 6
    assert not any(
        a.shape == b.shape and torch.equal(a, b) for i, a in enumerate(rows) for b in rows[:i]
    )


def _own_frames(batch: Batch) -> list[Tensor]:
    return [row[:n] for row, n in zip(batch.features, batch.lengths, strict=True)]


def test_a_small_language_shares_out_what_it_has() -> None:
    support, query = speech_set(["a", "b", "c"]).episode(8, 8)
    assert (len(support), len(query)) == (1, 2)
    with pytest.raises(DataError, match="at least two"):
        speech_set(["a"]).episode(1, 1)


def test_a_seed_gives_the_same_batches_with_augmentation_too() -> None:
    augmentation = Augmentation(crop=0.1, speed=0.1, noise_snr_db=10, time_masks=1)
    first, again, plain = (
        speech_set(TEXTS, a).batch(4) for a in (augmentation, augmentation, None)
    )
    assert torch.equal(first.features, again.features)
    assert not torch.equal(first.lengths, plain.lengths)


def test_no_utterances_are_an_error() -> None:
    with pytest.raises(DataError, match="no utterances"):
        speech_set([])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_features_are_those_of_the_cpu() -> None:
    speech = utterances(TEXTS)
    there = Loader(Noise(speech), LogMel(Features()), torch.device("cuda"))
    uids = [u.uid for u in speech]
    features, frames = there.load(uids)
    expected, expected_frames = loader_of(speech).load(uids)
    assert torch.equal(frames.cpu(), expected_frames)
    torch.testing.assert_close(features.cpu(), expected, rtol=1e-3, atol=1e-3)
