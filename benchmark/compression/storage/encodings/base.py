"""The contract of an encoding: a lossless mapping between storable values and file elements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from torch import Tensor


class Encoding(ABC):
    """How the values of one tensor are stored: one element per value.

    Elements are integers of a few bits (codes), or the values themselves in another type. `sides`
    are small tensors, stored with the elements, that define their meaning.
    """

    name: ClassVar[str]
    """Its name in files."""

    side_names: ClassVar[tuple[str, ...]] = ()
    """The names of all its possible side tensors."""

    bits: int | None
    """Bits of a code, which is below 2 ** bits; None if elements are values."""

    @abstractmethod
    def elements(self, values: Tensor) -> Tensor:
        """Elements of the storable values nearest to `values`, in the same shape.

        Codes are uint8.
        """

    @abstractmethod
    def values(self, elements: Tensor) -> Tensor:
        """The values of elements, in the type that the network uses."""

    def nearest(self, values: Tensor) -> Tensor:
        """The storable values nearest to `values`."""
        return self.values(self.elements(values))

    def sides(self) -> dict[str, Tensor]:
        """The tensors needed to decode elements, by name."""
        return {}

    def settings(self) -> dict[str, Any]:
        """Other settings needed to decode elements, as JSON values."""
        return {}

    @classmethod
    @abstractmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        """The encoding with these bits, `sides` and `settings`.

        Raises KeyError, TypeError, ValueError or RuntimeError if they do not match.
        """
