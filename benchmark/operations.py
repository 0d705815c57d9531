"""Floating-point operations as torch dispatches them.

The formulas are those of `torch.utils.flop_counter`: matrix products and convolutions, forward,
backward and double backward; elementwise operations are not counted.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from torch.utils._python_dispatch import (
    TorchDispatchMode,
    _disable_current_modes,
    _get_current_dispatch_mode_stack,
)
from torch.utils.flop_counter import flop_registry


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts all operations within this context; `FlopCounterMode` without its hooks.

    The hooks of that class on modules and gradients attribute operations to modules, which is not
    needed here, and cost three times as much.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=out)
        return out


def uncounted() -> AbstractContextManager[None]:
    """Within this context nothing is counted but by counters that begin in it."""
    return _disable_current_modes()


def count_replayed(operations: int) -> None:
    """Count operations of a graph, which torch does not dispatch, wherever others are counted."""
    for mode in _get_current_dispatch_mode_stack():
        if isinstance(mode, Operations):
            mode.total += operations
