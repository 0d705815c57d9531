"""Tiny pretrained encoders, as their authors would have saved them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

TINY: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8] * 7,
    "num_conv_pos_embeddings": 16,
}
LAYER_NORM: dict[str, Any] = {
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "conv_bias": True,
}


def save_checkpoint(folder: Path, seed: int = 0, cls: str = "Wav2Vec2Model", **config: Any) -> Any:
    """Save a randomly initialised model of transformers in `folder`, and return it."""
    import transformers

    torch.manual_seed(seed)
    kind = getattr(transformers, cls)
    model = kind(kind.config_class(**{**TINY, **config}))
    with torch.no_grad():
        for parameter in model.parameters():
            # Biases and norms too, so that a weight in the wrong place would be noticed.
            parameter += 0.05 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    return model.eval()
