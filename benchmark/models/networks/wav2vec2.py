"""wav2vec 2.0 and HuBERT encoders (arXiv 2006.11477, 2106.07447), run layer by layer.

The layers are those of transformers, so that published weights can be loaded. This module calls
them itself, because the models of transformers differ in how padding affects results: here an
utterance gives the same output alone and in a batch. The positional convolution has a plain weight
without weight normalisation, so that it can be compressed. Attention is written out ("eager"),
because fused kernels have no second derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from benchmark.errors import DataError
from benchmark.models.networks.base import Adapter, Encoded
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.models.networks.frames import frame_mask
from benchmark.models.wav2vec2 import Wav2Vec2

PLAIN: dict[str, Any] = {
    "hidden_dropout": 0.0,
    "activation_dropout": 0.0,
    "attention_dropout": 0.0,
    "feat_proj_dropout": 0.0,
    "layerdrop": 0.0,
    "mask_time_prob": 0.0,
    "mask_feature_prob": 0.0,
    "apply_spec_augment": False,
}
"""No randomness in training: a loss depends only on weights and utterances."""


def random_encoder(config: dict[str, Any]) -> nn.Module:
    """An encoder of transformers with random weights, from torch's global generator."""
    from transformers import AutoModel

    encoder: nn.Module = AutoModel.from_config(_settings(config), attn_implementation="eager")
    return encoder


def pretrained_encoder(config: dict[str, Any], folder: Path) -> nn.Module:
    """An encoder with the safetensors weights in `folder`.

    Raises DataError if they are damaged or belong to another kind of network.
    """
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        encoder, loading = AutoModel.from_pretrained(
            folder,
            config=_settings(config),
            attn_implementation="eager",
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DataError(f"the checkpoint in {folder} cannot be loaded: {reason}") from error
    if lacking := sorted(loading["missing_keys"]):
        raise DataError(
            f"the checkpoint in {folder} lacks {len(lacking)} tensors, such as {lacking[0]}"
        )
    whole: nn.Module = encoder
    return whole


def _settings(config: dict[str, Any]) -> Any:
    from transformers import AutoConfig

    kind = {name: value for name, value in config.items() if name != "model_type"}
    return AutoConfig.for_model(config["model_type"], **kind, **PLAIN)


class Block(nn.Module):
    """One transformer layer."""

    def __init__(self, layer: nn.Module, width: int, adapter: int) -> None:
        super().__init__()
        self.layer = layer
        self.adapter = Adapter(width, adapter) if adapter else nn.Identity()

    def forward(self, frames: Tensor, bias: Tensor) -> Tensor:
        """Frames (N, T, D) and a bias of attention scores (N, 1, 1, T) to frames."""
        outputs: Tensor = self.adapter(self.layer(frames, attention_mask=bias))
        return outputs


class Wav2Vec2Network(CTCNetwork):
    """Convolutions over samples, positions, then transformer layers at 50 frames a second."""

    def __init__(self, encoder: Any, num_units: int, settings: Wav2Vec2) -> None:
        """Takes the layers out of `encoder`, a model of transformers."""
        super().__init__(settings.dim, num_units)
        self.convolutions = encoder.feature_extractor.conv_layers
        self.convolutions.requires_grad_(not settings.freeze_features)
        for layer in self.convolutions:
            if isinstance(norm := getattr(layer, "layer_norm", None), nn.GroupNorm):
                layer.layer_norm = _of_utterances(norm)
        self.projection = encoder.feature_projection
        self.positions = encoder.encoder.pos_conv_embed
        if parametrize.is_parametrized(self.positions.conv):
            parametrize.remove_parametrizations(self.positions.conv, "weight")
        self.norm = encoder.encoder.layer_norm
        self.norm_first = not settings.network()["do_stable_layer_norm"]
        self.blocks = nn.ModuleList(
            Block(layer, settings.dim, settings.adapter) for layer in encoder.encoder.layers
        )

    def hidden(self, features: Tensor, lengths: Tensor) -> Encoded:
        """Frames of normalised samples (N, L, 1); an utterance too short for a frame is padded."""
        frames, lengths = self._convolved(features.transpose(1, 2), lengths)
        projected = self.projection(frames.transpose(1, 2))
        frames = projected[0] if isinstance(projected, tuple) else projected
        mask = frame_mask(lengths, frames.shape[1])
        frames = frames * mask
        frames = frames + self.positions(frames)
        if self.norm_first:
            frames = self.norm(frames)
        bias = torch.zeros_like(frames[:, :, 0]).masked_fill(
            ~mask[:, :, 0], torch.finfo(frames.dtype).min
        )
        for block in self.blocks:
            frames = block(frames, bias[:, None, None, :])
        return Encoded(frames if self.norm_first else self.norm(frames), lengths)

    def parts(self) -> Sequence[nn.Module]:
        first = [self.norm] if self.norm_first else []
        return [*self.convolutions, self.projection, self.positions, *first, *self.blocks]

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor:
        lengths = lengths.clamp(min=self._receptive_field())
        for layer in self.convolutions:
            lengths = _convolved_length(lengths, layer.conv)
        return lengths

    def _convolved(self, frames: Tensor, lengths: Tensor) -> Encoded:
        """Samples (N, 1, L) to frames (N, C, T); a frame depends only on samples of its
        utterance."""
        shortest = self._receptive_field()
        # `max` would be constant in an exported graph, which would then not pad.
        missing = torch.sym_max(0, shortest - frames.shape[2])  # type: ignore[no-untyped-call]
        frames = functional.pad(frames, (0, missing))
        lengths = lengths.clamp(min=shortest)
        for layer in self.convolutions:
            frames = layer.conv(frames)
            lengths = _convolved_length(lengths, layer.conv)
            norm = getattr(layer, "layer_norm", None)
            if isinstance(norm, UtteranceNorm):
                frames = norm(frames, frame_mask(lengths, frames.shape[2]))
            elif norm is not None:
                frames = norm(frames.transpose(1, 2)).transpose(1, 2)
            frames = layer.activation(frames)
        return Encoded(frames, lengths)

    def _receptive_field(self) -> int:
        """Number of samples that one frame depends on."""
        samples = 1
        for layer in reversed(list(self.convolutions)):
            samples = (samples - 1) * layer.conv.stride[0] + layer.conv.kernel_size[0]
        return samples


class UtteranceNorm(nn.GroupNorm):
    """Normalises each channel over the real frames of each utterance.

    The module of transformers would include padding, which an exported network does not have.
    """

    def forward(self, input: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: A002
        """Frames (N, C, T); `mask` (N, T, 1) marks the real ones; None means all."""
        if mask is None or torch.compiler.is_exporting():
            return super().forward(input)
        real = mask.transpose(1, 2)
        count = real.sum(2, keepdim=True)
        mean = (input * real).sum(2, keepdim=True) / count
        centred = (input - mean) * real
        variance = centred.square().sum(2, keepdim=True) / count
        normalised = centred / (variance + self.eps).sqrt()
        return normalised * self.weight[:, None] + self.bias[:, None]


def _of_utterances(norm: nn.GroupNorm) -> UtteranceNorm:
    """The same norm, with the same parameters, as an `UtteranceNorm`."""
    own = UtteranceNorm(norm.num_groups, norm.num_channels, norm.eps)
    own.weight, own.bias = norm.weight, norm.bias
    return own


def _convolved_length(lengths: Tensor, convolution: nn.Conv1d) -> Tensor:
    return (lengths - convolution.kernel_size[0]) // convolution.stride[0] + 1
