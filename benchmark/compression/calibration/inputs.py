"""The inputs of linear layers and convolutions, as the columns of a matrix product.

A layer is identified by its weight, wherever and however a network uses it. So convolutions in
another shape and attention projections are treated like any linear layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

OnInputs = Callable[[str, Callable[[], Tensor]], None]
"""Called with the name of a weight and a function that returns its inputs (G, F, N): groups of
output channels, inputs of each output in the order of the flattened weight, and applications."""


class Inputs(TorchFunctionMode):
    """Within this context `on_inputs` is called for every use of a weight of `network`."""

    def __init__(self, network: nn.Module, on_inputs: OnInputs) -> None:
        super().__init__()
        self._on_inputs = on_inputs
        self._weights = {
            parameter.untyped_storage().data_ptr(): (name, parameter.numel())
            for name, parameter in network.named_parameters()
            if parameter.dim() >= 2
        }

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        outputs = func(*args, **(kwargs or {}))
        columns = COLUMNS.get(func)
        weight = (kwargs or {}).get("weight", args[1] if len(args) > 1 else None)
        if columns is not None and isinstance(weight, Tensor):
            name, size = self._weights.get(weight.untyped_storage().data_ptr(), ("", 0))
            if weight.numel() == size:
                self._on_inputs(name, partial(columns, *args, **(kwargs or {})))
        return outputs


def _linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:  # noqa: A002
    return input.reshape(1, -1, weight.shape[1]).transpose(1, 2)


def _conv(
    input: Tensor,  # noqa: A002
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] | str = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    """The input patches of a convolution of one or two dimensions (im2col)."""
    dims = weight.dim() - 2
    kernel, strides = _pair(tuple(weight.shape[2:]), dims, 1), _pair(stride, dims, 1)
    dilations = _pair(dilation, dims, 1)
    image = input if input.dim() == weight.dim() else input[None]
    image = image if dims == 2 else image.unsqueeze(2)
    margins = (0, 0)
    if padding == "same":
        spans = [d * (k - 1) for k, d in zip(kernel, dilations, strict=True)]
        edges = [edge for span in reversed(spans) for edge in (span // 2, span - span // 2)]
        image = functional.pad(image, edges)
    elif not isinstance(padding, str):
        margins = _pair(padding, dims, 0)
    patches = functional.unfold(image, kernel, dilations, margins, strides)
    split = patches.reshape(len(patches), groups, -1, patches.shape[2])
    return split.permute(1, 2, 0, 3).flatten(2)


def _pair(value: int | tuple[int, ...], dims: int, neutral: int) -> tuple[int, int]:
    """A setting of a convolution as a pair; one dimension is padded with a neutral value."""
    values = (value,) if isinstance(value, int) else tuple(value)
    across = values[-1]
    return (values[0] if dims == 2 else neutral), across


COLUMNS: dict[object, Callable[..., Tensor]] = {
    functional.linear: _linear,
    functional.conv1d: _conv,
    functional.conv2d: _conv,
}
