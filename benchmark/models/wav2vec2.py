"""Pretrained encoders of the wav2vec 2.0 family with a new output layer and CTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field

from benchmark.data.features import InputType
from benchmark.errors import UserError
from benchmark.models.base import Model
from benchmark.models.checkpoints.config import STANDARD, described
from benchmark.models.checkpoints.pin import fetch, is_pinned, pin

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork

SIZES = {
    "dim": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "ff": "intermediate_size",
}
"""Names of settings, and their names in `config.json`."""


@dataclass(frozen=True)
class Wav2Vec2(Model):
    """A wav2vec 2.0 or HuBERT encoder of waveforms, pretrained or not, over characters.

    `checkpoint` is a folder written by `save_pretrained` of transformers, or a model on the Hugging
    Face Hub (`facebook/wav2vec2-base`) at `revision`. Training starts from its weights with a new
    output layer, also for methods that start each language from scratch. The checkpoint determines
    all sizes. Without a checkpoint the network is random: `layers` transformer layers of width
    `dim` over convolutions of width `conv`, with layer normalisation.

    `freeze_features` freezes the convolutional feature encoder, as is usual. There is no dropout
    and no masking. `config` holds other entries of a checkpoint's configuration; it is filled in
    from there.

    `adapter` is the width of a bottleneck after each layer, 0 for none. It has no effect until a
    method trains it.
    """

    paper: ClassVar[str] = "Baevski et al., NeurIPS 2020, arXiv 2006.11477"
    input_type: ClassVar[InputType] = "waveform"
    packages: ClassVar[Sequence[str]] = ("transformers",)
    extra: ClassVar[str] = "pretrained"

    checkpoint: str | None = None
    revision: str = "main"
    freeze_features: bool = True
    dim: Annotated[int, Field(ge=1)] = 128
    layers: Annotated[int, Field(ge=1)] = 4
    heads: Annotated[int, Field(ge=1)] = 4
    ff: Annotated[int, Field(ge=1)] = 256
    conv: Annotated[int, Field(ge=1)] = 64
    adapter: Annotated[int, Field(ge=0)] = 0
    config: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.checkpoint and not self._is_pinned:
            names = (*SIZES, "conv")
            given = [name for name in names if getattr(self, name) != getattr(type(self), name)]
            if given := given or ["config"] * bool(self.config):
                raise ValueError(f"a checkpoint has its own {given[0]}; leave it out")
        groups = self.network()["num_conv_pos_embedding_groups"]
        for name, divisor in (("heads", self.heads), ("groups of positions", groups)):
            if self.dim % divisor:
                raise ValueError(f"dim = {self.dim} is no multiple of {divisor}, the {name}")

    def pinned(self, beside: Path) -> Self:
        if self.checkpoint is None or self._is_pinned:
            return self
        pinned_checkpoint = pin(self.checkpoint, self.revision, beside)
        config = described(pinned_checkpoint.config, self.checkpoint)
        sizes = {name: config.pop(theirs) for name, theirs in SIZES.items()}
        return replace(
            self,
            checkpoint=pinned_checkpoint.checkpoint,
            revision=pinned_checkpoint.revision,
            conv=config["conv_dim"][-1],
            config=config,
            **sizes,
        )

    def network(self) -> dict[str, Any]:
        """The network in the words of a `config.json`."""
        random = {
            "model_type": "wav2vec2",
            "feat_extract_norm": "layer",
            "do_stable_layer_norm": True,
            "conv_dim": [self.conv] * len(STANDARD["conv_kernel"]),
        }
        sizes = {theirs: getattr(self, name) for name, theirs in SIZES.items()}
        return {**STANDARD, **random, **self.config, **sizes}

    def num_parameters(self, num_features: int) -> int | None:
        """Of a checkpoint once it is pinned, so that its `config.json` is known."""
        if self.checkpoint and not self._is_pinned:
            return None
        network = self.network()
        widths = [1, *network["conv_dim"]]
        kernels = network["conv_kernel"]
        samples = sum(a * b * k for a, b, k in zip(widths[:-1], widths[1:], kernels, strict=True))
        positions = network["num_conv_pos_embeddings"] / network["num_conv_pos_embedding_groups"]
        layer = 4 * self.dim**2 + 2 * self.dim * self.ff + 2 * self.dim * self.adapter
        joined = widths[-1] * self.dim + int(positions * self.dim**2)
        total: int = samples + joined + self.layers * layer
        return total

    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.wav2vec2 import random_encoder

        self._check_installed()
        return self._network(random_encoder(self.network()), num_units)

    def initial(self, num_features: int, num_units: int) -> SpeechNetwork:
        if self.checkpoint is None:
            return self.build(num_features, num_units)
        from benchmark.models.networks.wav2vec2 import pretrained_encoder

        self._check_installed()
        folder = fetch(self.checkpoint, self.revision)
        return self._network(pretrained_encoder(self.network(), folder), num_units)

    @property
    def _is_pinned(self) -> bool:
        """Whether `config` is that of the checkpoint, and the checkpoint named by its content."""
        named = self.checkpoint is not None and is_pinned(self.checkpoint, self.revision)
        return named and bool(self.config)

    def _network(self, encoder: Any, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.wav2vec2 import Wav2Vec2Network

        return Wav2Vec2Network(encoder, num_units, self)

    def _check_installed(self) -> None:
        if reason := self.missing():
            raise UserError(f"wav2vec2: {reason}")
