"""Quantisation of weights to N bits: `int2` to `int8`.

Quantisation is uniform: equal intervals, symmetric around zero or with a zero point. Zero is a
level, so pruned weights stay zero. Linear and convolution weights take N bits each in the file,
plus a step (and N bits for a zero point) for each tensor, channel or group. All other weights are
stored as fp16.

`intN@during` is quantisation-aware training: adaptation computes with the dequantised values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.compression.chain.subject import Subject
    from benchmark.compression.constraints.constraint import Constraint
    from benchmark.compression.storage.encodings.uniform import Uniform
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class IntN(WeightCompression):
    """Quantise weights to `bits` bits: equal intervals per `channel`, `tensor` or `group`.

    A channel is all weights of an output, a group is `group_size` consecutive ones along the
    inputs. `symmetric` grids are centred on zero, others have a zero point. `range` is the range of
    the grid: up to the largest weight (`max`), up to a `percentile` of magnitudes (99.9), or the
    range with the least squared error (`mse`). Weights outside the range are clipped.

    `rounding` is to the `nearest`, or `gptq`: one input after the other, each compensating the
    errors of those before it on `utterances` of the support set.
    """

    paper: ClassVar[str] = (
        "Krishnamoorthi 2018, https://arxiv.org/abs/1806.08342, section 2;"
        " gptq: Frantar et al. 2023, https://arxiv.org/abs/2210.17323"
    )
    pattern: ClassVar[str | None] = r"int(?P<bits>[2-8])"
    added_fields: ClassVar[tuple[str, ...]] = (
        "group_size",
        "symmetric",
        "range",
        "percentile",
        "rounding",
        "utterances",
    )

    bits: Annotated[int, Field(ge=2, le=8)] = 8
    granularity: Literal["tensor", "channel", "group"] = "channel"
    group_size: Annotated[int, Field(ge=2)] = 32
    symmetric: bool = True
    range: Literal["max", "percentile", "mse"] = "max"
    percentile: Annotated[float, Field(gt=50, lt=100)] = 99.9
    rounding: Literal["nearest", "gptq"] = "nearest"
    utterances: Annotated[int, Field(ge=1)] = 24

    def __post_init__(self) -> None:
        for setting, belongs in (
            ("group_size", self.granularity == "group"),
            ("percentile", self.range == "percentile"),
            ("utterances", self.rounding == "gptq"),
        ):
            if not belongs and getattr(self, setting) != getattr(type(self), setting):
                raise ValueError(f"{setting} is set, but no other setting uses it")

    @property
    def needs_speech(self) -> bool:
        return self.rounding == "gptq"

    def grid(self, values: Tensor) -> Uniform:
        """The grid for the weight (O, ...) of a layer."""
        from benchmark.compression.storage.grid import Grid

        grid = Grid(
            self.bits,
            self.granularity,
            self.group_size,
            self.symmetric,
            self.range,
            self.percentile,
        )
        return grid.fit(values)

    def compress(self, subject: Subject) -> Subject:
        if self.rounding == "nearest":
            return super().compress(subject)
        from benchmark.compression.calibration.sequential import quantise_sequentially

        grids = {n: self.grid(w.values) for n, w in subject.weights.items() if w.is_matrix}
        values = quantise_sequentially(subject, grids, self.utterances)
        return subject.with_weights(self._stored(subject.weights, grids, values))

    def not_during(self) -> str | None:
        return None if self.rounding == "nearest" else "gptq rounds the weights after training"

    def during(self) -> Constraint:
        from benchmark.compression.constraints.straight_through import StraightThrough

        return StraightThrough(self._back)

    def _back(self, values: Tensor) -> Tensor:
        """The values of a tensor after it is stored and loaded."""
        if values.dim() < 2:
            return values.half().to(values.dtype)
        return self.grid(values).nearest(values)

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.errors import Unsupported

        if self.rounding == "gptq":
            raise Unsupported("gptq needs a network and speech, not weights alone")
        grids = {n: self.grid(w.values) for n, w in weights.items() if w.is_matrix}
        return self._stored(weights, grids, {})

    @staticmethod
    def _stored(
        weights: dict[str, Weight], grids: dict[str, Uniform], values: dict[str, Tensor]
    ) -> dict[str, Weight]:
        """Weights on their grids: `values` if given, else the nearest to `weights`."""
        import torch

        from benchmark.compression.storage.weight import Weight, halve

        quantised = {
            name: Weight(values.get(name, weights[name].values), weights[name].encoding).stored_as(
                grid
            )
            for name, grid in grids.items()
        }
        return halve({**weights, **quantised}, torch.float16)
