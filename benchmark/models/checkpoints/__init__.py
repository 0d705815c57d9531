"""Pretrained weights: their location and identity, without torch."""
