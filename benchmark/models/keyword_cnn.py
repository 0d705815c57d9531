"""A spoken-word classifier: a log-mel image of the utterance in, one word out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.data.vocabulary import Units
from benchmark.errors import UserError
from benchmark.models.base import Model

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class KeywordCNN(Model):
    """Two convolutions and two linear layers on a 64 x 64 log-mel image, 8.4 M parameters.

    Its units are whole texts. If texts are single words, its word error rate is its error rate.
    """

    units: ClassVar[Units] = "words"

    def num_parameters(self, num_features: int) -> int:
        return 64 * (num_features // 4) ** 2 * 512

    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.keyword import PICTURE, KeywordNetwork

        if num_features != PICTURE:
            raise UserError(f"keyword_cnn needs {PICTURE} mel bands, not {num_features}")
        return KeywordNetwork(num_units)
