"""Seed noise in a sentence, the same wherever it is stated."""

from __future__ import annotations

from benchmark.statistics.noise import SeedNoise
from benchmark.text.words import percent


def noise_sentence(noise: SeedNoise | None) -> str:
    """`Seed noise: 3.2 % relative (standard deviation, 5 degrees of freedom).`"""
    if noise is None:
        return "Seed noise was not measured, since no combination has two seeds."
    degrees = f"{noise.degrees:.0f} degree{'s' * (round(noise.degrees) != 1)} of freedom"
    return f"Seed noise: {percent(noise.relative)} % relative (standard deviation, {degrees})."
