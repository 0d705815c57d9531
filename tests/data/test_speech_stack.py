"""Batches that are computed at once are those that are computed utterance by utterance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator

from benchmark.data import speech_stack
from benchmark.data.augmentation import Augmentation
from benchmark.data.base import Utterance
from benchmark.data.batch import Batch
from benchmark.data.collate import concatenate, stack_batches
from benchmark.data.device_speech import DeviceSpeech
from benchmark.data.features import Features, InputType
from benchmark.data.frontend import front_end
from benchmark.data.loader import Loader
from benchmark.data.speech import SpeechSet
from benchmark.data.speech_stack import load_stack
from benchmark.data.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of("characters", ["abcdefghij"])
CPU = torch.device("cpu")
EVERYTHING = Augmentation(
    shift_ms=50,
    crop=0.1,
    rotate_ms=50,
    speed=0.1,
    noise_snr_db=10,
    time_masks=2,
    freq_masks=2,
)
SETTINGS = {
    "none": Augmentation(),
    "all": EVERYTHING,
    "shift": Augmentation(shift_ms=300),
    "crop": Augmentation(crop=0.2),
    "rotation": Augmentation(rotate_ms=300),
    "speed": Augmentation(speed=0.05),
    "noise": Augmentation(noise_snr_db=0),
    "masks": Augmentation(time_masks=1, freq_masks=1),
}


class Folder:
    """Recordings of a language: noise of several lengths, one after the other."""

    def __init__(self, language: str, size: int) -> None:
        random = np.random.default_rng(sum(map(ord, language)))
        self.path = Path(language)
        self.lengths = random.integers(300, 9000, size)
        self.samples = random.integers(-9000, 9000, self.lengths.sum()).astype(np.int16)
        starts = np.cumsum(self.lengths) - self.lengths
        self.offsets = {str(i): int(start) for i, start in enumerate(starts)}
        self.utterances = [
            Utterance(str(i), language, "train", None, "abcdefghij"[: 1 + i % 9], n / 16_000, "")
            for i, n in enumerate(self.lengths)
        ]

    def waveform(self, uid: str) -> NDArray[np.int16]:
        return self.samples[self.offsets[uid] :][: self.lengths[int(uid)]]


FOLDERS = {language: Folder(language, 20) for language in ("de", "nl", "tr")}


def speech_set(
    language: str,
    augmentation: Augmentation,
    seed: int = 0,
    kind: InputType = "log_mel",
    device: torch.device = CPU,
) -> SpeechSet:
    folder = FOLDERS[language]
    return SpeechSet(
        folder.utterances,
        Loader(folder, front_end(kind, Features()), device),
        VOCABULARY,
        Generator().manual_seed(seed),
        augmentation,
    )


@pytest.fixture(params=["resident", "sent"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the samples are: all in the memory of the device, or copied to it as they are used."""
    room = DeviceSpeech(CPU, capacity=1 << 24 if request.param == "resident" else 0)
    monkeypatch.setattr(speech_stack, "device_speech", lambda device: room)
    return str(request.param)


def assert_same(batch: Batch, expected: Batch) -> None:
    torch.testing.assert_close(batch.features, expected.features, rtol=0, atol=1e-5)
    assert torch.equal(batch.lengths, expected.lengths)
    assert torch.equal(batch.targets, expected.targets)
    assert torch.equal(batch.target_lengths, expected.target_lengths)


@pytest.mark.parametrize("kind", ["log_mel", "waveform"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_stack_has_the_batches_of_its_learners(place: str, name: str, kind: InputType) -> None:
    learners = [("de", 0), ("nl", 1), ("de", 2)]
    at_once, alone = (
        [speech_set(language, SETTINGS[name], seed, kind) for language, seed in learners]
        for _ in range(2)
    )
    for _ in range(3):
        batch = load_stack([[(task, task.draw_batch(6))] for task in at_once])
        assert_same(batch, stack_batches([task.batch(6) for task in alone]))


def test_a_batch_can_mix_languages(place: str) -> None:
    at_once, alone = ([speech_set(name, EVERYTHING) for name in FOLDERS] for _ in range(2))
    sizes = [3, 1, 4]
    drawn = [(task, task.draw_batch(n)) for task, n in zip(at_once, sizes, strict=True)]
    expected = concatenate([task.batch(n) for task, n in zip(alone, sizes, strict=True)])
    assert_same(load_stack([drawn], stacked=False), expected)
    assert load_stack([drawn]).features.shape == (1, *expected.features.shape)


def test_episodes_are_drawn_before_they_are_loaded(place: str) -> None:
    at_once, alone = speech_set("tr", EVERYTHING), speech_set("tr", EVERYTHING)
    for _ in range(2):
        draws, episode = at_once.draw_episode(4, 5), alone.episode(4, 5)
        for draw, expected in zip(draws, episode, strict=True):
            assert_same(load_stack([[(at_once, draw)]], stacked=False), expected)


def test_what_is_drawn_is_loaded_later_bit_by_bit() -> None:
    later, now = speech_set("de", EVERYTHING), speech_set("de", EVERYTHING)
    draws = [later.draw_batch(6) for _ in range(3)]
    for draw in draws:
        assert torch.equal(later.load(draw).features, now.batch(6).features)


def test_random_numbers_are_drawn_utterance_by_utterance() -> None:
    """So the speech of a seed stays what it is."""
    task, generator = speech_set("de", EVERYTHING), Generator().manual_seed(0)
    places = torch.randperm(20, generator=generator)[:2].tolist()
    draw = task.draw_batch(2)
    assert draw.places == places

    def uniform() -> float:
        return float(torch.rand((), generator=generator))

    for i, change in zip(places, draw.changes, strict=True):
        assert change.speed == 100 + round(10 * (2 * uniform() - 1))
        length = -(-100 * int(FOLDERS["de"].lengths[i]) // change.speed)
        cut = int(0.1 * length * uniform())
        assert (change.start, change.length) == (round(cut * uniform()), length - cut)
        assert change.rotation == round(800 * (2 * uniform() - 1))
        assert change.shift == round(800 * (2 * uniform() - 1))
        assert change.loudness == pytest.approx(10 ** -((10 + 20 * uniform()) / 20))
        assert change.noise is not None
        assert torch.equal(change.noise, torch.randn(length - cut, generator=generator))
    assert draw.masks.frames.shape == draw.masks.bands.shape == (2, 2, 2)


def test_a_folder_lies_in_memory_once_and_only_if_it_fits() -> None:
    folders = [Folder(name, 5) for name in ("aa", "bb", "cc")]
    sizes = [len(folder.samples) for folder in folders]
    speech = DeviceSpeech(CPU, capacity=2 * (sizes[0] + sizes[1]))
    assert [speech.start(folder) for folder in folders * 2] == [0, sizes[0], None] * 2
    held = torch.from_numpy(np.concatenate([folder.samples for folder in folders[:2]]))
    assert torch.equal(speech.samples[: len(held)], held)


def test_one_folder_that_does_not_fit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    room = DeviceSpeech(CPU, capacity=2 * len(FOLDERS["de"].samples))
    monkeypatch.setattr(speech_stack, "device_speech", lambda device: room)
    at_once, alone = ([speech_set(name, EVERYTHING) for name in ("de", "nl")] for _ in range(2))
    batch = load_stack([[(task, task.draw_batch(6))] for task in at_once])
    assert_same(batch, stack_batches([task.batch(6) for task in alone]))


def test_speech_without_targets_is_loaded_too(place: str) -> None:
    folder = FOLDERS["de"]
    loader = Loader(folder, front_end("log_mel", Features()), CPU)
    task = SpeechSet(folder.utterances, loader, VOCABULARY, Generator(), Augmentation(), False)
    batch = load_stack([[(task, task.draw_batch(4))]])
    assert batch.targets.shape == (1, 4, 0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", SETTINGS)
def test_a_gpu_has_the_batches_of_the_cpu(name: str) -> None:
    languages = list(FOLDERS)
    there, here = (
        [speech_set(language, SETTINGS[name], device=device) for language in languages]
        for device in (torch.device("cuda"), CPU)
    )
    for _ in range(3):
        batch = load_stack([[(task, task.draw_batch(6))] for task in there])
        expected = stack_batches([task.batch(6) for task in here])
        torch.testing.assert_close(batch.features.cpu(), expected.features, rtol=1e-3, atol=1e-3)
        assert torch.equal(batch.lengths.cpu(), expected.lengths)
        assert torch.equal(batch.targets.cpu(), expected.targets)
