"""Similarity between the input and output of each block of a network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.data.task import Task
from benchmark.models.networks.base import SpeechNetwork

UTTERANCES = 32
"""Number of utterances used; more rarely change the order of blocks."""


@torch.no_grad()
def similarities(network: SpeechNetwork, task: Task) -> list[float]:
    """The cosine between input and output of each of `network.blocks`, a mean over frames.

    The network processes one utterance at a time, so that there is no padding.
    """
    blocks = network.blocks
    assert isinstance(blocks, nn.ModuleList)
    sums = [0.0] * len(blocks)
    frames = 0

    def add_similarity(index: int) -> Any:
        def hook(block: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            sums[index] += float(functional.cosine_similarity(inputs[0], output, dim=-1).sum())

        return hook

    handles = [block.register_forward_hook(add_similarity(i)) for i, block in enumerate(blocks)]
    device = next(network.parameters()).device
    for _ in range(min(len(task), UTTERANCES)):
        batch = task.batch(1)
        frames += int(network.to(batch.features.device).encode(batch).lengths.sum())
    for handle in handles:
        handle.remove()
    network.to(device)
    return [total / frames for total in sums]
