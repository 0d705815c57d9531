"""Integers on a uniform grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.base import Encoding
from benchmark.compression.storage.packing import pack, unpack


class Bounds(NamedTuple):
    """The least and the largest code, as float tensors that broadcast against the values."""

    least: Tensor
    largest: Tensor


@dataclass(frozen=True, eq=False)
class Uniform(Encoding):
    """Values stored as integers on a uniform grid: value = code * scale.

    Without `zero` the grid is symmetric: |code| < 2 ** (bits - 1). `zero` is the integer in
    [0, 2 ** bits) that represents the value 0; codes then run from -zero to 2 ** bits - 1 - zero.
    Both grids contain 0.

    `scale`, a bfloat16, and `zero`, a uint8 of the same shape, broadcast against the values. With a
    `group_size` they are (O, groups), one for each group of consecutive weights of an output. The
    product of a bfloat16 and a code of at most 8 bits and a sign is exact in float32, so it is the
    same on every machine.
    """

    name: ClassVar[str] = "uniform"
    side_names: ClassVar[tuple[str, ...]] = ("scale", "zero")

    bits: int
    scale: Tensor
    zero: Tensor | None = None
    group_size: int | None = None

    @property
    def limit(self) -> int:
        """The largest code of a symmetric grid."""
        return int(2 ** (self.bits - 1)) - 1

    def steps(self, shape: torch.Size) -> Tensor:
        """The interval at each value of a tensor of `shape`; broadcasts against it."""
        return self._spread(self.scale.float(), shape)

    def bounds(self, shape: torch.Size) -> Bounds:
        """The range of codes at each value of a tensor of `shape`."""
        if self.zero is None:
            largest = torch.tensor(float(self.limit), device=self.scale.device)
            return Bounds(-largest, largest)
        least = -self._spread(self.zero.float(), shape)
        return Bounds(least, least + (2**self.bits - 1))

    def codes(self, values: Tensor) -> Tensor:
        """Codes of the grid points nearest to `values`: int8, or int16 with `zero`."""
        least, largest = self.bounds(values.shape)
        codes = (values / self.steps(values.shape)).round()
        return codes.clamp(least, largest).to(torch.int8 if self.zero is None else torch.int16)

    def elements(self, values: Tensor) -> Tensor:
        codes = self.codes(values)
        return (codes.to(torch.int16) - self._least(codes.shape)).to(torch.uint8)

    def values(self, elements: Tensor) -> Tensor:
        codes = elements.to(torch.int16) + self._least(elements.shape)
        return codes.float() * self.steps(elements.shape)

    def sides(self) -> dict[str, Tensor]:
        sides = {"scale": self.scale.contiguous()}
        if self.zero is not None:
            sides["zero"] = torch.from_numpy(pack(self.zero.flatten().numpy(), self.bits))
        return sides

    def settings(self) -> dict[str, Any]:
        return {} if self.group_size is None else {"group_size": self.group_size}

    @classmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        if bits is None:
            raise ValueError("codes without a number of bits")
        scale, zero = sides["scale"], None
        if "zero" in sides:
            unpacked = unpack(sides["zero"].numpy(), bits, scale.numel())
            zero = torch.from_numpy(unpacked).view(scale.shape)
        return cls(bits, scale, zero, settings.get("group_size"))

    def _least(self, shape: torch.Size) -> Tensor:
        return self.bounds(shape).least.to(torch.int16)

    def _spread(self, groups: Tensor, shape: torch.Size) -> Tensor:
        if self.group_size is None:
            return groups
        inputs = shape[1:].numel()
        spread = groups.repeat_interleave(self.group_size, dim=1)[:, :inputs]
        return spread.reshape(shape)
