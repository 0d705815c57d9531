"""The gradient of the loss on the support set."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.compression.chain.subject import Subject

BATCH = 8
"""Utterances per backward pass; it affects memory, not the result."""


def mean_gradients(subject: Subject, what: str) -> dict[str, Tensor]:
    """The gradient of the mean loss over the whole support set, by parameter name, on the CPU.

    Raises Unsupported if there is no speech; `what` names the caller in the message.
    """
    support = subject.speech(what)
    network = subject.network().to(support.device).requires_grad_()
    task = support.task
    for start in range(0, len(task), BATCH):
        batch = task.batch(min(BATCH, len(task) - start))
        torch.autograd.backward(network.loss(batch) * (len(batch) / len(task)))
        support.progress(start + len(batch), len(task))
    return {n: p.grad.cpu() for n, p in network.named_parameters() if p.grad is not None}
