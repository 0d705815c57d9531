"""NVIDIA's management library, used if its Python package (`nvidia-ml-py`) is installed."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple


class Handle(NamedTuple):
    """The library and its handle of one GPU."""

    nvml: Any
    gpu: Any


def handle_of(device: str) -> Handle:
    """The GPU that torch calls `device`.

    Raises ImportError without the package and RuntimeError if the library does not know the GPU.
    """
    import torch

    nvml = importlib.import_module("pynvml")
    uuid = torch.cuda.get_device_properties(device).uuid
    try:
        nvml.nvmlInit()
        return Handle(nvml, nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}"))
    except nvml.NVMLError as error:
        raise RuntimeError(str(error)) from None


def clocks(device: str) -> dict[str, int] | str:
    """Current clocks of a GPU in MHz, or why they cannot be read."""
    try:
        nvml, gpu = handle_of(device)
    except (ImportError, RuntimeError) as error:
        return f"NVML: {error}"
    kinds = {"sm_mhz": nvml.NVML_CLOCK_SM, "memory_mhz": nvml.NVML_CLOCK_MEM}
    try:
        return {name: int(nvml.nvmlDeviceGetClockInfo(gpu, kind)) for name, kind in kinds.items()}
    except nvml.NVMLError as error:
        return f"NVML: {error}"
