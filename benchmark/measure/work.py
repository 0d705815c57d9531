"""The operations and memory traffic of a network for one batch, counted and not timed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from benchmark.data.batch import Batch
from benchmark.measure.roofline import Work
from benchmark.models.networks.base import SpeechNetwork


def count_work(network: SpeechNetwork, batch: Batch) -> Work:
    """The work of `network.scores(batch)`."""
    state = [t for t in network.state_dict().values() if t.is_floating_point()]
    traffic = _Traffic({t.untyped_storage().data_ptr() for t in state})
    # Fused attention on a CPU is not in the registry of operations, unlike its unfused form.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        with FlopCounterMode(display=False) as counter:
            network.scores(batch)
        with traffic:
            network.scores(batch)
    return Work(counter.get_total_flops(), sum(t.numel() for t in state), traffic.num_bytes)


class _Traffic(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes that counted operations read and write, without weights."""

    def __init__(self, weights: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.weights = weights
        self.num_bytes = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket in flop_registry:
            tensors = _tensors((args, kwargs, result))
            self.num_bytes += sum(
                t.numel() * t.element_size()
                for t in tensors
                if t.untyped_storage().data_ptr() not in self.weights
            )
        return result


def _tensors(tree: object) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor))
