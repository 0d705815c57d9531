"""Batches of real languages are padded to few shapes, so that few steps are captured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from toys import adaptation

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import Utterance
from benchmark.data.features import Features
from benchmark.data.frontend import LogMel
from benchmark.data.loader import Loader
from benchmark.data.speech import SpeechSet
from benchmark.data.vocabulary import Vocabulary
from benchmark.methods.learning import captured
from benchmark.methods.learning.adaptation import Adaptation, _fine_tune
from benchmark.methods.learning.stacked import StackedAdaptation
from benchmark.optimizers.adamw import AdamW
from benchmark.registry import MODELS


class Folder:
    """Recordings of noise, of many lengths."""

    def __init__(self, language: str) -> None:
        random = np.random.default_rng(sum(map(ord, language)))
        self.path, self.samples, self.offsets = Path(language), np.zeros(0, np.int16), {"0": 0}
        self.lengths = random.integers(3_000, 16_000, 60).tolist()
        self.utterances = [
            Utterance(str(i), language, "train", None, "ab" * (1 + n // 4_000), n / 16_000, "")
            for i, n in enumerate(self.lengths)
        ]

    def waveform(self, uid: str) -> NDArray[np.int16]:
        return (
            np.random.default_rng(int(uid))
            .integers(-99, 99, self.lengths[int(uid)])
            .astype(np.int16)
        )


def learner(language: str, seed: int) -> Adaptation:
    folder = Folder(language)
    torch.manual_seed(0)
    network = MODELS.make("conv_ctc", {"channels": 8, "blocks": 1, "kernel": 3}).build(64, 2)
    support = SpeechSet(
        folder.utterances,
        Loader(folder, LogMel(Features()), torch.device("cpu")),
        Vocabulary.of("characters", ["ab"]),
        torch.Generator().manual_seed(seed),
        Augmentation(),
    )
    return adaptation(network, support, 4 * 60, AdamW(lr=1e-3))


@pytest.mark.parametrize("languages", [["nl"], ["nl", "tr", "pt"]])
def test_adaptation_captures_at_most_three_steps(
    languages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captured, "CAPTURED_ON", {"cpu"})
    whole = StackedAdaptation.of([learner(name, i) for i, name in enumerate(languages)])
    _fine_tune(whole, chunk=4, full=4)
    (program,) = whole.steps._programs.values()
    assert 1 <= len(program.graphs) <= 3
    assert whole.steps.num_replayed > 50
