"""The entries of a `config.json` that shape a network; others concern training and versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.errors import DataError

KINDS = ("hubert", "wav2vec2")
"""The supported values of `model_type`."""

STANDARD: dict[str, Any] = {
    "model_type": "wav2vec2",
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-5,
    "feat_extract_norm": "group",
    "feat_extract_activation": "gelu",
    "feat_proj_layer_norm": True,
    "conv_dim": [512] * 7,
    "conv_stride": [5, 2, 2, 2, 2, 2, 2],
    "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_bias": False,
    "num_conv_pos_embeddings": 128,
    "num_conv_pos_embedding_groups": 16,
    "conv_pos_batch_norm": False,
    "do_stable_layer_norm": False,
    "adapter_attn_dim": None,
}
"""All entries that shape a network, with their defaults, which are those of the `base` models
(`Wav2Vec2Config` and `HubertConfig` of transformers)."""


def described(config: Any, source: str) -> dict[str, Any]:
    """The entries of a configuration that shape a network.

    Raises DataError for an invalid configuration, or one of another kind of network.
    """
    if not isinstance(config, Mapping) or config.get("model_type") not in KINDS:
        kind = config.get("model_type") if isinstance(config, Mapping) else None
        raise DataError(f"{source} is a model of type {kind!r}; {' and '.join(KINDS)} can be used")
    entries = {name: config.get(name, value) for name, value in STANDARD.items()}
    wrong = [n for n, v in entries.items() if type(v) is not type(STANDARD[n]) and v is not None]
    if wrong := [name for name in wrong if name != "adapter_attn_dim"]:
        raise DataError(f"{source}: {wrong[0]} = {entries[wrong[0]]!r} in its config.json")
    if entries["conv_pos_batch_norm"]:
        raise DataError(
            f"{source} has batch normalisation, which makes the utterances of a batch interact"
        )
    return entries
