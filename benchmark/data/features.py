"""Settings of the log-mel features; `frontend` computes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

InputType = Literal["log_mel", "waveform"]
"""The input of networks: log-mel features, or the normalised waveform."""


@dataclass(frozen=True)
class Features:
    """Number of mel bands, and window length and hop in milliseconds."""

    mels: Annotated[int, Field(ge=1)] = 64
    window_ms: Annotated[float, Field(gt=0)] = 25.0
    hop_ms: Annotated[float, Field(gt=0)] = 10.0
