"""Decoders by name, for files that contain no code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from benchmark.errors import Unsupported
from benchmark.models.networks.base import Decoded, Encoded, SpeechNetwork
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.models.networks.keyword import KeywordNetwork

Decoder = Literal["ctc", "word"]

DECODERS: dict[Decoder, Callable[[Encoded], list[Decoded]]] = {
    "ctc": CTCNetwork.decode,
    "word": KeywordNetwork.decode,
}


def decoder_of(network: SpeechNetwork) -> Decoder:
    """The name of a network's decoder. Raises Unsupported for a custom decoder."""
    for name, decode in DECODERS.items():
        if network.decode is decode:
            return name
    raise Unsupported(
        f"{type(network).__name__} has its own decoder, which a file without code cannot"
        f" contain; supported are {', '.join(DECODERS)}"
    )
