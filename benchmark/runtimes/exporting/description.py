"""What a runtime's file says of itself, as one line of JSON within it: see `Description`.

The line holds a SHA-256 of the whole file, taken while the digest's own place is blank.
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
"""Raised when files of the present format could no longer be read as they were meant."""

KEY = "benchmark"
BLANK = b"sha256:" + b"0" * 64
_ARITHMETIC = re.compile(rb'\{"arithmetic":"(\w+)","decoder":')
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Description:
    """How to make features for a graph and to read its scores, and what it computes with."""

    header: Header
    decoder: Decoder
    arithmetic: Arithmetic

    def to_text(self) -> str:
        """Canonical JSON, the digest blank."""
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
        """Raises UserError where the text is not one of this format."""
        try:
            fields = json.loads(text)
            if fields["format"] != FORMAT:
                found = fields["format"]
                raise UserError(f"{path}: artefact format {found!r}, this version reads {FORMAT}")
            kept = {name: fields[name] for name in ("header", "decoder", "arithmetic")}
            return TypeAdapter(cls).validate_python(kept)
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{path}: what this artefact says of itself cannot be read") from None


def arithmetic_of(content: bytes) -> Arithmetic:
    """What a file that passed `check_seal` computes with, before its runtime has loaded it."""
    found = _ARITHMETIC.search(content)
    return TypeAdapter(Arithmetic).validate_python(found.group(1).decode() if found else "float")


def seal(content: bytes, *others: bytes) -> bytes:
    """`content` with its blank digest filled in, over `content` and further files."""
    return content.replace(BLANK, _digest(content, others), 1)


def check_seal(path: Path, content: bytes, *others: bytes) -> None:
    """Raises UserError where a file is not as it was sealed, or never was."""
    found = _DIGEST.search(content)
    if found is None:
        raise UserError(f"{path}: not an artefact of this benchmark, or damaged")
    blank = content[: found.start()] + BLANK + content[found.end() :]
    if _digest(blank, others) != found.group():
        raise UserError(f"{path}: damaged, its contents do not match their digest")


def _digest(content: bytes, others: tuple[bytes, ...]) -> bytes:
    digest = hashlib.sha256(content)
    for other in others:
        digest.update(other)
    return f"sha256:{digest.hexdigest()}".encode()
