"""Batches of many utterances, and of several learners, computed at once on a device.

The result is that of `Loader` and `perturb`, which take one utterance after the other. Here all
that depends on an utterance is a number in a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.data.device_speech import device_speech
from benchmark.data.draw import Draw
from benchmark.data.gather import at_speeds, gather
from benchmark.data.perturb import NORMAL_SPEED, Masks, mask_features
from benchmark.data.side_stream import load_beside, send
from benchmark.parts import note_padding, part

if TYPE_CHECKING:
    from benchmark.data.speech import SpeechSet

Drawn = tuple["SpeechSet", Draw]
"""Utterances of one language."""

FULL_SCALE = 32768
"""The 16-bit sample that stands for 1."""


def load_stack(rows: Sequence[Sequence[Drawn]], stacked: bool = True) -> Batch:
    """One batch for all learners: features (S, N, T, F), lengths (S, N), targets (S, N, U).

    `rows` has an entry for each of S learners, whose utterances are concatenated. Their number N is
    the same for all, as are device, front end and settings of augmentation. T and U are those of
    the longest utterance. Without `stacked`, for one learner, there is no dimension S.
    """
    drawn = [each for row in rows for each in row]
    size = sum(len(draw) for _, draw in rows[0])
    with part("data"):
        batch = load_beside(drawn[0][0].loader.device, lambda: _load(drawn))
    note_padding(batch.features, batch.lengths)
    leading = (len(rows), size) if stacked else (size,)

    def rows_of(tensor: Tensor) -> Tensor:
        return tensor.view(*leading, *tensor.shape[1:])

    return Batch(
        rows_of(batch.features),
        rows_of(batch.lengths),
        rows_of(batch.targets),
        rows_of(batch.target_lengths),
    )


@torch.no_grad()
def _load(drawn: Sequence[Drawn]) -> Batch:
    """All utterances in one batch."""
    loader = drawn[0][0].loader
    frontend, device = loader.frontend, loader.device
    changes = [change for _, draw in drawn for change in draw.changes]
    speed, start, length, rotation, shift = np.array([change[:5] for change in changes]).T
    spelt = [each.targets(draw) for each, draw in drawn]

    order = np.argsort(speed, kind="stable")
    source, first = _source(drawn, device)
    table = _sent(
        {
            "first": first,
            "recorded": np.array([number for _, draw in drawn for number in draw.num_samples]),
            "order": order,
            "place": np.argsort(order),
            "start": start,
            "length": length,
            "rotation": rotation,
            "shift": shift,
            "targets": _joined([units for units, _ in spelt]),
            "target_lengths": np.concatenate([lengths for _, lengths in spelt]),
            **_hidden([draw.masks for _, draw in drawn if draw.masks]),
        },
        device,
    )
    beginning = table["first"]
    if (speed != NORMAL_SPEED).any():
        most = max(max(draw.num_samples) for _, draw in drawn)
        recorded = _scaled(gather(source, beginning, table["recorded"], most))
        resampled = at_speeds(recorded, table["order"], speed[order])
        source, beginning = resampled.flatten(), table["place"] * resampled.shape[1]
    waveforms = _scaled(
        gather(
            source,
            beginning + table["start"],
            table["length"],
            int(length.max()),
            table["rotation"] if rotation.any() else None,
            table["shift"] if shift.any() else None,
        )
    )
    if noises := [change.noise.numpy() for change in changes if change.noise is not None]:
        loudness = np.array([change.loudness for change in changes], np.float32)
        waveforms = waveforms + _noise(waveforms, table["length"], noises, loudness)
    features, frames = frontend(waveforms, table["length"])
    if "hidden_frames" in table:
        masks = Masks(table["hidden_frames"], table["hidden_bands"])
        features = mask_features(features, masks)
    return Batch(features, frames, table["targets"], table["target_lengths"])


def _source(drawn: Sequence[Drawn], device: torch.device) -> tuple[Tensor, NDArray[np.int64]]:
    """Samples (any,) int16 on the device, and where in them each utterance begins.

    If one folder is not in the memory of the device, all utterances are copied to it.
    """
    speech = device_speech(device)
    starts = [speech.start(each.loader.recordings) for each, _ in drawn]
    firsts = []
    for (each, draw), start in zip(drawn, starts, strict=True):
        if start is None:
            break
        offsets = each.loader.recordings.offsets
        firsts += [start + offsets[uid] for uid in each.uids(draw)]
    else:
        return speech.samples, np.array(firsts)
    waveforms = [
        each.loader.recordings.waveform(uid) for each, draw in drawn for uid in each.uids(draw)
    ]
    ends = np.cumsum([len(waveform) for waveform in waveforms])
    return send(waveforms, device), np.concatenate([[0], ends[:-1]])


def _sent(arrays: Mapping[str, NDArray[np.int64]], device: torch.device) -> dict[str, Tensor]:
    """Arrays on a device, by one copy."""
    flat = send([array.ravel() for array in arrays.values()], device)
    parts = torch.split(flat, [array.size for array in arrays.values()])
    return {
        name: part.view(array.shape)
        for (name, array), part in zip(arrays.items(), parts, strict=True)
    }


def _joined(arrays: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Arrays (n, U, ...) one after the other as (N, largest U, ...), filled with zeros."""
    width = max(array.shape[1] for array in arrays)
    whole = np.zeros((sum(map(len, arrays)), width, *arrays[0].shape[2:]), np.int64)
    row = 0
    for array in arrays:
        whole[row : row + len(array), : array.shape[1]] = array
        row += len(array)
    return whole


def _hidden(masks: Sequence[Masks]) -> dict[str, NDArray[np.int64]]:
    if not masks:
        return {}
    return {
        "hidden_frames": _joined([each.frames.numpy() for each in masks]),
        "hidden_bands": _joined([each.bands.numpy() for each in masks]),
    }


def _scaled(samples: Tensor) -> Tensor:
    """16-bit samples as numbers in [-1, 1]; others as they are."""
    return samples / FULL_SCALE if samples.dtype == torch.int16 else samples


def _noise(
    waveforms: Tensor,
    lengths: Tensor,
    noises: Sequence[NDArray[np.float32]],
    loudness: NDArray[np.float32],
) -> Tensor:
    """The noise of waveforms (N, L) of these lengths (N,)."""
    sent = send([*noises, loudness], waveforms.device)
    level = (waveforms.square().sum(1) / lengths).sqrt() * sent[-len(loudness) :]
    starts = lengths.cumsum(0) - lengths
    return level[:, None] * gather(sent, starts, lengths, waveforms.shape[1])
