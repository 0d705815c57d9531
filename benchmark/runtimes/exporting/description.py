"""The description in a runtime's file, one line of JSON: see `Description`.

The line contains a SHA-256 of the whole file, computed with the digest itself blank.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from benchmark.compression.chain.subject import Arithmetic
from benchmark.compression.storage.artefact import Header
from benchmark.errors import UserError
from benchmark.models.networks.decoding import Decoder

FORMAT = 1
"""Incremented when files of the current format could be misread."""

KEY = "benchmark"
BLANK = b"sha256:" + b"0" * 64
_ARITHMETIC = re.compile(rb'\{"arithmetic":"(\w+)","decoder":')
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Description:
    """How to compute the features of a graph and decode its scores, and its arithmetic."""

    header: Header
    decoder: Decoder
    arithmetic: Arithmetic

    def to_text(self) -> str:
        """Canonical JSON with a blank digest."""
        fields = {
            "format": FORMAT,
            "header": self.header.to_json(),
            "decoder": self.decoder,
            "arithmetic": self.arithmetic,
            "digest": BLANK.decode(),
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, path: Path, text: str) -> Description:
        """The description in `text`. Raises UserError if it does not have this format."""
        try:
            fields = json.loads(text)
            if fields["format"] != FORMAT:
                version = fields["format"]
                raise UserError(f"{path}: artefact format {version!r}, this version reads {FORMAT}")
            kept = {name: fields[name] for name in ("header", "decoder", "arithmetic")}
            return TypeAdapter(cls).validate_python(kept)
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{path}: the description of this artefact cannot be read") from None


def arithmetic_of(content: bytes) -> Arithmetic:
    """The arithmetic of a file that passed `check_seal`, before its runtime loads it."""
    match = _ARITHMETIC.search(content)
    return TypeAdapter(Arithmetic).validate_python(match.group(1).decode() if match else "float")


def seal(content: bytes, *others: bytes) -> bytes:
    """`content` with its digest filled in, computed over `content` and further files."""
    return content.replace(BLANK, _digest(content, others), 1)


def check_seal(path: Path, content: bytes, *others: bytes) -> None:
    """Raises UserError if a file was not sealed or has changed since."""
    match = _DIGEST.search(content)
    if match is None:
        raise UserError(f"{path}: not an artefact of this benchmark, or damaged")
    blank = content[: match.start()] + BLANK + content[match.end() :]
    if _digest(blank, others) != match.group():
        raise UserError(f"{path}: damaged, its contents do not match their digest")


def _digest(content: bytes, others: tuple[bytes, ...]) -> bytes:
    digest = hashlib.sha256(content)
    for other in others:
        digest.update(other)
    return f"sha256:{digest.hexdigest()}".encode()
