"""The description, in a file, of how each weight is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from pydantic import Field

from benchmark.compression.storage.encodings.base import Encoding
from benchmark.compression.storage.encodings.codebook import Codebook
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.compression.storage.encodings.float8 import Float8
from benchmark.compression.storage.encodings.uniform import Uniform

ENCODINGS: dict[str, type[Encoding]] = {cls.name: cls for cls in (Dense, Uniform, Codebook, Float8)}

ABSENT: dict[str, object] = {"encoding": None, "settings": {}, "huffman": ()}
"""Defaults of fields, which files leave out."""


@dataclass(frozen=True)
class Layout:
    """How a weight is stored: as codes of `bits` or by value (None), with or without its zeros.

    `encoding` and `settings` restore it; without an `encoding`, codes are those of a uniform grid.
    `huffman` names the parts that are Huffman codes.
    """

    shape: tuple[Annotated[int, Field(ge=0)], ...]
    bits: Annotated[int, Field(ge=1, le=8)] | None
    sparse: bool
    encoding: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    huffman: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without fields at their defaults."""
        values = asdict(self)
        return {k: v for k, v in values.items() if k not in ABSENT or v != ABSENT[k]}

    @property
    def cls(self) -> type[Encoding]:
        """The class of the encoding. Raises KeyError for an unknown one."""
        return ENCODINGS[self.encoding or (Dense if self.bits is None else Uniform).name]
