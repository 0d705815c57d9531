"""Features of test sets, kept for the next artefacts that transcribe them in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import NamedTuple

import torch

from benchmark.compression.storage.artefact import Header
from benchmark.data.batch import Batch
from benchmark.data.prepared import Prepared
from benchmark.runtimes.running.feature_extractor import FeatureExtractor
from benchmark.runtimes.running.recogniser import BATCH_SECONDS, batches

MOST_BYTES = 2**31
"""What is kept at most, on the device; a longer test set is computed anew for each stack."""


class Part(NamedTuple):
    """A batch of a test set: the places of its utterances in it, and their features."""

    places: list[int]
    batch: Batch


_kept: OrderedDict[Hashable, list[Part]] = OrderedDict()
"""By what the features depend on, the latest used last."""


def parts(prepared: Prepared, header: Header, device: str) -> Iterator[Part]:
    """The test set of a language as batches for artefacts with such a header."""
    named = (prepared.digest, header.features, header.architecture().input_type, device)
    if named in _kept:
        _kept.move_to_end(named)
        yield from _kept[named]
        return
    extractor = FeatureExtractor(header, device)
    waveforms = [prepared.waveform(u.uid) for u in prepared.split("test")]
    computed: list[Part] | None = []
    for places in batches([len(waveform) for waveform in waveforms], BATCH_SECONDS):
        with torch.no_grad():
            part = Part(places, extractor.features([waveforms[i] for i in places]))
        yield part
        if computed is not None:
            computed.append(part)
            if _num_bytes(computed) > MOST_BYTES:
                computed = None
    if computed is not None:
        _kept[named] = computed
        while sum(map(_num_bytes, _kept.values())) > MOST_BYTES:
            _kept.popitem(last=False)


def _num_bytes(parts: list[Part]) -> int:
    return sum(part.batch.features.nbytes for part in parts)
