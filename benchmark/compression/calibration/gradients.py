"""Which way the loss goes with each weight."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.compression.chain.subject import Subject

BATCH = 8
"""Utterances whose gradient is taken at once; it changes memory, not the result."""


def mean_gradients(subject: Subject, what: str) -> dict[str, Tensor]:
    """The gradient of the mean loss over the whole support set, by parameter name, on the CPU.

    Raises Unsupported where there is no speech; `what` says who asks.
    """
    support = subject.speech(what)
    network = subject.network().to(support.device).requires_grad_()
    task = support.task
    for start in range(0, len(task), BATCH):
        batch = task.batch(min(BATCH, len(task) - start))
        torch.autograd.backward(network.loss(batch) * (len(batch) / len(task)))
        support.progress(start + len(batch), len(task))
    return {n: p.grad.cpu() for n, p in network.named_parameters() if p.grad is not None}
