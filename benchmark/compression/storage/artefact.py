"""An artefact: one safetensors file with everything needed to transcribe, and nothing executable.

Everything that is not a tensor is canonical JSON under one key of the file's metadata (safetensors
writes several keys in no fixed order), so equal artefacts are equal byte for byte. The file holds a
digest over tensors and JSON, which is checked when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from benchmark.compression.storage.codec import decode, encode
from benchmark.compression.storage.layout import Layout
from benchmark.compression.storage.weight import Weight
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import from_json
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.errors import UserError

FORMAT = 1
"""Incremented when files of the current format could be misread."""


@dataclass(frozen=True)
class Header:
    """How to build the network of an artefact and decode its output.

    `model` and `settings` identify the model in the registry. `edits` are the changes of its layers
    (see `structure.edits`). `compression` is the chain as written in a suite (`prune50+int8`).
    """

    model: str
    settings: dict[str, object]
    num_features: int
    vocabulary: Vocabulary
    features: Features
    language: str
    normaliser: str
    compression: str
    edits: tuple[dict[str, Any], ...] = ()

    def architecture(self) -> Architecture:
        """The architecture of the network. Raises UserError for unknown edits."""
        try:
            edits = from_json(self.edits)
        except ValueError:
            raise UserError(
                f"edits of a network that this version does not know: {self.edits}"
            ) from None
        units = len(self.vocabulary)
        return Architecture(self.model, self.settings, self.num_features, units, edits)

    def to_json(self) -> dict[str, Any]:
        """As JSON values; optional fields are left out at their defaults."""
        values = asdict(self)
        return values if self.edits else {k: v for k, v in values.items() if k != "edits"}


class Artefact(NamedTuple):
    """The header of a file, and the values of all tensors as the network uses them.

    `encoded` has their stored form, for further processing of compressed weights. It is empty if
    the artefact was not read from a file.
    """

    header: Header
    weights: dict[str, Tensor]
    encoded: Mapping[str, Weight] = MappingProxyType({})


def save_artefact(path: Path, weights: Mapping[str, Weight], header: Header) -> None:
    """Write `weights` to `path`; the same weights and header always give the same bytes."""
    encoded = {name: encode(name, weights[name]) for name in sorted(weights)}
    parts = {part: t for entry in encoded.values() for part, t in entry.parts.items()}
    fields = {
        "format": FORMAT,
        "header": header.to_json(),
        "layouts": {name: entry.layout.to_json() for name, entry in encoded.items()},
    }
    fields["digest"] = _digest(fields, parts)
    path.write_bytes(save(parts, metadata={"benchmark": _canonical(fields)}))


def load_artefact(path: Path) -> Artefact:
    """Read `path`.

    Raises UserError if it is missing, damaged, or not an artefact of this benchmark.
    """
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("benchmark")
            names = file.keys()
            parts = {name: file.get_tensor(name) for name in names}
    except FileNotFoundError:
        raise UserError(f"{path}: no such artefact") from None
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path}: not a safetensors file, or damaged ({error})") from None
    if text is None:
        raise UserError(f"{path}: a safetensors file, but not an artefact of this benchmark")
    header, layouts = _parse(path, text, parts)
    try:
        encoded = {name: decode(name, layout, parts) for name, layout in layouts.items()}
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{path}: its tensors do not fit its header ({error})") from None
    return Artefact(header, {name: weight.values for name, weight in encoded.items()}, encoded)


def header_bytes(path: Path) -> int:
    """Bytes of `path` before its tensors: their names, types and offsets, and the header."""
    with path.open("rb") as file:
        # A safetensors file begins with the length of its JSON, an unsigned 64-bit integer.
        return 8 + int.from_bytes(file.read(8), "little")


def _parse(path: Path, text: str, parts: Mapping[str, Tensor]) -> tuple[Header, dict[str, Layout]]:
    try:
        fields = json.loads(text)
        if fields["format"] != FORMAT:
            version = fields["format"]
            raise UserError(f"{path}: artefact format {version!r}, this version reads {FORMAT}")
        if fields.pop("digest") != _digest(fields, parts):
            raise UserError(f"{path}: damaged, its contents do not match their digest")
        header = TypeAdapter(Header).validate_python(fields["header"])
        layouts = TypeAdapter(dict[str, Layout]).validate_python(fields["layouts"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path}: the header of this artefact cannot be read") from None
    return header, layouts


def _digest(fields: object, parts: Mapping[str, Tensor]) -> str:
    """SHA-256 over `fields` and the name, type, shape and bytes of every tensor."""
    described = {name: [str(t.dtype), list(t.shape)] for name, t in sorted(parts.items())}
    digest = hashlib.sha256(_canonical([fields, described]).encode())
    for name in described:
        digest.update(parts[name].flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
