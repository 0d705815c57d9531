"""The training speech of a language as a task that yields batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import SAMPLE_RATE, Utterance
from benchmark.data.batch import Batch
from benchmark.data.buckets import Shape
from benchmark.data.draw import Draw
from benchmark.data.loader import Loader
from benchmark.data.perturb import draw_change, draw_masks, mask_features
from benchmark.data.speech_stack import load_stack
from benchmark.data.task import Episode
from benchmark.data.text import normalise
from benchmark.data.vocabulary import Vocabulary, frames_needed
from benchmark.errors import DataError

T = TypeVar("T")

WINDOW = 8
"""Number of batches from which utterances of similar length are collected, to reduce padding."""


class SpeechSet:
    """The utterances of one language, with their texts as targets; a `Task` for methods.

    Order, episodes and augmentation depend only on `generator` (on the CPU). Without `labelled`
    the targets of all batches are empty.
    Raises DataError without utterances, and KeyError for a text outside the `vocabulary`.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        loader: Loader,
        vocabulary: Vocabulary,
        generator: Generator,
        augmentation: Augmentation,
        labelled: bool = True,
    ) -> None:
        if not utterances:
            raise DataError("a training language has no utterances")
        self.language = utterances[0].language
        self._uids = [utterance.uid for utterance in utterances]
        self._durations = [utterance.duration for utterance in utterances]
        self._texts = [normalise(u.text, u.language) for u in utterances]
        spelt = [vocabulary.encode(text) if labelled else [] for text in self._texts]
        self._target_lengths = np.array([len(units) for units in spelt])
        self._targets = np.zeros((len(spelt), self._target_lengths.max()), np.int64)
        for row, units in zip(self._targets, spelt, strict=True):
            row[: len(units)] = units
        self.loader = loader
        self._generator = generator
        self._augmentation = augmentation
        self._queue: list[int] = []

    def __len__(self) -> int:
        return len(self._uids)

    @property
    def mean_seconds(self) -> float:
        """Mean length of its utterances."""
        return sum(self._durations) / len(self)

    def keep_fitting(self, output_frames: Callable[[Tensor, int], Tensor | None]) -> int:
        """Leave out utterances whose text needs more frames than the network outputs at the fastest
        speed of the augmentation, since CTC cannot learn from them; returns their number.

        `output_frames` is the method of the network. Raises DataError if no utterance fits.
        """
        frontend, augmentation = self.loader.frontend, self._augmentation
        samples = [augmentation.shortest(round(d * SAMPLE_RATE)) for d in self._durations]
        frames = output_frames(frontend.frames(torch.tensor(samples)), frontend.num_features)
        if frames is None:
            return 0
        needed = [
            frames_needed(units[:length])
            for units, length in zip(
                self._targets.tolist(), self._target_lengths.tolist(), strict=True
            )
        ]
        kept = [i for i, frame in enumerate(frames.tolist()) if needed[i] <= frame]
        if not kept:
            raise DataError(
                f"no text of {self.language} fits the frames of this model: the first of"
                f" {len(self)} needs {needed[0]} and has {int(frames[0])}"
            )
        total = len(self)
        self._uids, self._durations = _at(self._uids, kept), _at(self._durations, kept)
        self._texts, self._targets = _at(self._texts, kept), self._targets[kept]
        self._target_lengths = self._target_lengths[kept]
        return total - len(kept)

    def batch(self, size: int) -> Batch:
        """The next `size` utterances of an endless reshuffled pass; never more than `len(self)`.

        No utterance occurs twice in a batch, and the lengths in a batch are similar.
        """
        return self.load(self.draw_batch(size))

    def episode(self, support: int, query: int) -> Episode:
        """`support` random utterances and `query` others, with different texts if possible.

        If there are too few utterances for both, they are divided in proportion. Raises DataError
        if there is only one utterance.
        """
        drawn = self.draw_episode(support, query)
        return Episode(self.load(drawn[0]), self.load(drawn[1]))

    def draw_batch(self, size: int) -> Draw:
        """What `batch` loads."""
        size = min(size, len(self))
        if len(self._queue) < size:
            waiting = set(self._queue)
            order = self._shuffled()
            self._queue += [i for i in order if i not in waiting]
            self._queue += [i for i in order if i in waiting]
            chosen = self._queue[:size]
        else:
            chosen = self._alike(size)
        for i in chosen:
            self._queue.remove(i)
        return self._draw(chosen)

    def draw_episode(self, support: int, query: int) -> tuple[Draw, Draw]:
        """What `episode` loads."""
        if len(self) < 2:
            raise DataError(f"{self.language}: an episode needs at least two utterances")
        if support + query > len(self):
            support = max(1, len(self) * support // (support + query))
            query = len(self) - support
        order = self._shuffled()
        texts = {self._texts[i] for i in order[:support]}
        others = sorted(order[support:], key=lambda i: self._texts[i] in texts)
        return self._draw(order[:support]), self._draw(others[:query])

    def load(self, draw: Draw) -> Batch:
        """The features and targets of what was drawn, on the device of the loader."""
        if self.loader.device.type != "cpu":
            return load_stack([[(self, draw)]], stacked=False)
        features, frames = self.loader.load(self.uids(draw), draw.changes)
        if draw.masks:
            features = mask_features(features, draw.masks)
        return Batch(features, frames, *map(torch.from_numpy, self.targets(draw)))

    def uids(self, draw: Draw) -> list[str]:
        """The utterances that were drawn."""
        return _at(self._uids, draw.places)

    def shape(self, draw: Draw) -> Shape:
        """The shape of what was drawn, before any padding."""
        length = max(change.length for change in draw.changes)
        frames = int(self.loader.frontend.frames(torch.tensor([length])))
        return Shape(len(draw), frames, int(self._target_lengths[draw.places].max()))

    def longest(self) -> Shape:
        """The shape of an utterance that is as long, in frames and units, as any can be."""
        samples = self._augmentation.longest(round(max(self._durations) * SAMPLE_RATE))
        frames = int(self.loader.frontend.frames(torch.tensor([samples])))
        return Shape(1, frames, int(self._target_lengths.max()))

    def preview(self, seed: int) -> SpeechSet:
        """Another set of the same utterances, for a look at what may be drawn from this one."""
        other = copy(self)
        other._generator, other._queue = Generator().manual_seed(seed), []
        other._augmentation = replace(self._augmentation, noise_snr_db=None)
        return other

    def targets(self, draw: Draw) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Their targets (N, U), and the lengths of these (N,)."""
        lengths = self._target_lengths[draw.places]
        return self._targets[draw.places, : lengths.max()], lengths

    def _alike(self, size: int) -> list[int]:
        """The next utterance, and upcoming ones of the most similar length."""
        first, *rest = self._queue[: WINDOW * size]
        rest.sort(key=lambda i: abs(self._durations[i] - self._durations[first]))
        return [first, *rest[: size - 1]]

    def _shuffled(self) -> list[int]:
        order: list[int] = torch.randperm(len(self), generator=self._generator).tolist()
        return order

    def _draw(self, places: list[int]) -> Draw:
        settings, generator, frontend = self._augmentation, self._generator, self.loader.frontend
        num_samples = [round(self._durations[i] * SAMPLE_RATE) for i in places]
        changes = [draw_change(number, settings, generator) for number in num_samples]
        masks = None
        if settings.masks:
            frames = frontend.frames(torch.tensor([change.length for change in changes]))
            masks = draw_masks(
                frames, frontend.num_features, settings, generator, frontend.frames_per_hop
            )
        return Draw(places, num_samples, changes, masks)


def _at(items: Sequence[T], places: Sequence[int]) -> list[T]:
    return [items[i] for i in places]
