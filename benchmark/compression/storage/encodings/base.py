"""The contract of an encoding: values to elements that a file holds, and back bit for bit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from torch import Tensor


class Encoding(ABC):
    """How the values of one tensor are written down: one element for each value.

    Elements are whole numbers of a few bits (codes), or the values themselves in a type of their
    own. What they mean is told by `sides`, small tensors stored beside them.
    """

    name: ClassVar[str]
    """What files call it."""

    side_names: ClassVar[tuple[str, ...]] = ()
    """All sides that it may have."""

    bits: int | None
    """Bits of an element that is a code, below 2 ** bits; None where elements are values."""

    @abstractmethod
    def elements(self, values: Tensor) -> Tensor:
        """Elements of the storable values nearest to `values`, of the same shape.

        Codes are uint8.
        """

    @abstractmethod
    def values(self, elements: Tensor) -> Tensor:
        """What elements stand for, in the type that the network runs with."""

    def nearest(self, values: Tensor) -> Tensor:
        """The storable values nearest to `values`."""
        return self.values(self.elements(values))

    def sides(self) -> dict[str, Tensor]:
        """Tensors that are needed to read elements, by name."""
        return {}

    def settings(self) -> dict[str, Any]:
        """What else is needed, as JSON values."""
        return {}

    @classmethod
    @abstractmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        """The encoding with these bits, `sides` and `settings`.

        Raises KeyError, TypeError, ValueError or RuntimeError where they do not fit.
        """
