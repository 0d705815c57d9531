"""The ways of reading scores, by name, for files that hold no code."""

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
    """The name of a network's decoding. Raises Unsupported for one of its own."""
    for name, decode in DECODERS.items():
        if network.decode is decode:
            return name
    raise Unsupported(
        f"{type(network).__name__} decodes in a way of its own, which a file without code cannot"
        f" hold; there are {', '.join(DECODERS)}"
    )
