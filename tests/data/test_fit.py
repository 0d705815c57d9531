"""Texts that do not fit their audio: left out when preparing, and before a model learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import Utterance
from benchmark.data.features import Features
from benchmark.data.frontend import front_end
from benchmark.data.loader import Loader
from benchmark.data.speech import SpeechSet
from benchmark.data.vocabulary import Vocabulary, frames_needed
from benchmark.errors import DataError
from benchmark.execute.learners import keep_fitting
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.registry import MODELS


class Noise:
    """Recordings of a second of noise."""

    def waveform(self, uid: str) -> np.ndarray:
        return np.random.default_rng(len(uid)).integers(-2000, 2000, 16_000).astype(np.int16)


def speech_set(texts: list[str], **augmentation: float) -> SpeechSet:
    utterances = [Utterance(str(i), "sw", "train", "s", t, 1.0, "") for i, t in enumerate(texts)]
    return SpeechSet(
        utterances,
        Loader(Noise(), front_end("log_mel", Features()), torch.device("cpu")),
        Vocabulary.of("characters", texts),
        torch.Generator().manual_seed(0),
        Augmentation(**augmentation),
    )


def network(units: int = 26) -> CTCNetwork:
    built = MODELS.make("conv_ctc", {"channels": 8, "blocks": 1, "kernel": 3}).build(64, units)
    assert isinstance(built, CTCNetwork)
    return built


@pytest.mark.parametrize(("text", "frames"), [("abc", 3), ("aab", 4), ("aaaa", 7), ("", 0)])
def test_repeats_need_a_blank_between_them(text: str, frames: int) -> None:
    assert frames_needed(text) == frames
    if text:
        targets = torch.tensor([[ord(c) - 96 for c in text]])
        length = torch.tensor([len(text)])
        for given in (frames - 1, frames):
            logits = torch.zeros(1, max(given, 1), 30).log_softmax(2).transpose(0, 1)
            loss = torch.nn.functional.ctc_loss(logits, targets, torch.tensor([given]), length)
            assert torch.isinf(loss) == (given < frames)


@pytest.mark.parametrize("model", ["conv_ctc", "conformer_ctc"])
def test_frames_of_a_network_are_those_that_it_makes(model: str) -> None:
    built = MODELS.make(model, {}).build(64, 5)
    lengths = torch.tensor([1, 4, 5, 50, 99])
    assert torch.equal(
        built.output_frames(lengths, 64), CTCNetwork.output_frames(built, lengths, 64)
    )


def test_what_fits_is_learnt_from_and_the_rest_is_counted() -> None:
    # A second has 97 frames of features, and 25 of this network.
    texts = ["abcd" * 6 + "e", "abcd" * 6 + "ee", "ab", "a" * 13, "a" * 14]
    task = speech_set(texts)
    assert keep_fitting([task], network()) == {"unfit": {"sw": [2, 5]}}
    assert len(task) == 3
    batch = task.batch(3)
    assert sorted(batch.target_lengths.tolist()) == [2, 13, 25]


def test_the_fastest_speed_of_augmentation_counts() -> None:
    assert keep_fitting([speech_set(["abcd" * 6 + "e", "ab"], speed=0.1)], network()) == {
        "unfit": {"sw": [1, 2]}
    }


def test_where_all_fits_nothing_is_said_and_batches_stay() -> None:
    task, untouched = speech_set(["ab", "cd", "ef"]), speech_set(["ab", "cd", "ef"])
    assert keep_fitting([task], network()) == {}
    assert torch.equal(task.batch(2).targets, untouched.batch(2).targets)


def test_a_language_of_which_nothing_fits_is_an_error_in_words() -> None:
    with pytest.raises(DataError, match=r"no text of sw fits .* needs 30 and has 25"):
        keep_fitting([speech_set(["abcdef" * 5])], network())


def test_a_classifier_of_words_has_no_such_limit() -> None:
    words = MODELS.make("keyword_cnn", {}).build(64, 2)
    assert words.output_frames(torch.tensor([5]), 64) is None


def test_a_plug_in_network_is_asked_with_silence(tmp_path: Path) -> None:
    class Third(CTCNetwork):
        def hidden(self, features: Tensor, lengths: Tensor):  # type: ignore[no-untyped-def]
            return type("E", (), {"lengths": lengths // 3})()

        def parts(self) -> list[torch.nn.Module]:
            return []

    assert Third(4, 2).output_frames(torch.tensor([9, 30, 9]), 64).tolist() == [3, 10, 3]
