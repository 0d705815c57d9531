"""Tensors of several learners in one: code inside sees those of one learner and computes for all.

A stack of S learners holds each tensor with a leading dimension of S. Within `stack`, `split` hides
that dimension, so that code written for one learner computes all of them at once (`torch.vmap`
without a function to map). Autograd stays outside: it sees the whole tensors, which `joined`
returns. The gradient of the sum of the learners' losses is then the gradient of each.

`torch.vmap` refuses a call of autograd inside, so this module uses the functions beneath it. They
are private to torch: nothing else in the package may import them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from torch import Tensor, nn
from torch._C._functorch import _add_batch_dim, _unwrap_batched, is_batchedtensor
from torch._functorch.pyfunctorch import temporarily_pop_interpreter_stack
from torch._functorch.vmap import vmap_increment_nesting
from torch.func import functional_call

T = TypeVar("T")

_Stack = tuple[int, int]
"""The number of learners, and the level of the map over them."""

_current: ContextVar[_Stack | None] = ContextVar("stack", default=None)


@contextmanager
def stack(size: int) -> Iterator[None]:
    """Within this context `split` tensors stand for those of one of `size` learners.

    Random numbers cannot be drawn inside, since each learner has its own.
    """
    with vmap_increment_nesting(size, "error") as level:
        token = _current.set((size, level))
        try:
            yield
        finally:
            _current.reset(token)


@contextmanager
def outside() -> Iterator[None]:
    """Within this context a stack is suspended; only `joined` tensors can be used."""
    if _current.get() is None:
        yield
        return
    token = _current.set(None)
    try:
        with temporarily_pop_interpreter_stack():
            yield
    finally:
        _current.reset(token)


def stack_size() -> int | None:
    """The number of learners in the current stack; None outside of one."""
    current = _current.get()
    return current[0] if current else None


def split(tensor: Tensor) -> Tensor:
    """A tensor (S, ...) as that of one learner (...); unchanged outside of a stack."""
    current = _current.get()
    if current is None:
        return tensor
    one: Tensor = _add_batch_dim(tensor, 0, current[1])
    return one


def joined(tensor: Tensor) -> Tensor:
    """The tensor (S, ...) of all learners whose own is (...); unchanged outside of a stack.

    A tensor that all learners share is repeated without a copy.
    """
    current = _current.get()
    if current is None:
        return tensor
    size, level = current
    if not is_batchedtensor(tensor):
        return tensor.expand(size, *tensor.shape)
    whole, dimension = _unwrap_batched(tensor, level)
    if dimension is None:
        return tensor.expand(size, *tensor.shape)
    # A view would not be the leaf of autograd that was split.
    result: Tensor = whole.movedim(dimension, 0) if dimension else whole
    return result


def call_with(network: nn.Module, weights: Mapping[str, Tensor], function: Callable[[], T]) -> T:
    """The result of a function that is called while a network has other weights, (S, ...) each."""
    own = {f"network.{name}": split(whole) for name, whole in weights.items()}
    result: T = functional_call(_Caller(network), own, (function,))
    return result


class _Caller(nn.Module):
    """Calls a function, so that `functional_call` lasts as long as that takes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, function: Callable[[], T]) -> T:
        return function()
