"""The cost of an optimizer besides gradients: memory of its state and time of its updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def cost(optimizer: torch.optim.Optimizer, step_seconds: float) -> dict[str, float]:
    """The size of the state and the mean time of an update, as columns of a record."""
    return {
        "optimizer_state_bytes": state_bytes(optimizer),
        "optimizer_step_seconds": step_seconds,
    }


def state_bytes(optimizer: torch.optim.Optimizer) -> int:
    """Bytes of all tensors that the optimizer keeps between steps, without gradients."""
    seen = {id(p) for group in optimizer.param_groups for p in group["params"]}
    tensors = _tensors(list(optimizer.state.values()), seen)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tensors(value: object, seen: set[int]) -> Iterable[Tensor]:
    """Tensors at any depth, each once; states may also contain lists and other objects."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tensors(item, seen)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item, seen)
    elif hasattr(value, "__dict__"):
        yield from _tensors(vars(value), seen)
