"""`doctor`: checks what works on this machine."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmark.cache import REMEDY, cache_folder
from benchmark.errors import Exit

ORDER = 14
SUMMARY = "Check what works on this machine: devices, packages, Hub, cache."
EXAMPLE = "doctor"


def add_options(_: argparse.ArgumentParser) -> None:
    """This command has no options."""


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Print one line per check. The exit code is 0 if every required check passes."""
    passed = True
    for title, check, needed in _checks():
        try:
            mark, text = "ok", check()
        except Exception as error:
            mark, text = ("FAILS" if needed else "no"), " ".join(str(error).split())
            passed = passed and not needed
        console.print(f"{mark:<6} {title:<22} {text}", markup=False)
    return Exit.OK if passed else Exit.INCOMPLETE


def _machine() -> str:
    from benchmark.measure.hardware import fingerprint

    hardware = fingerprint()
    return f"{hardware['cpu']}, {hardware['cores']} cores, {hardware['memory_gib']} GiB"


def _torch() -> str:
    import torch
    import torchaudio

    return f"torch {torch.__version__}, torchaudio {torchaudio.__version__}"


def _cuda() -> str:
    import torch

    if not torch.cuda.is_available():
        raise RuntimeError("no CUDA device; suites run on the CPU")
    from benchmark.models.networks import ctc_kernels

    name = torch.cuda.get_device_name(0)
    problem = ctc_kernels.problem(torch.device("cuda"))
    return name if problem is None else f"{name}, CTC without kernels, hence slower: {problem}"


def _speech() -> str:
    from benchmark.data.corpora.speech.synthesis import Synthesizer

    with Synthesizer() as synthesizer:
        synthesizer.speak("en", 160, 50, "one")
    return "eSpeak NG works, in a process of its own"


def _hub() -> str:
    from huggingface_hub import HfApi

    HfApi().dataset_info("google/fleurs", timeout=5)
    return f"{HfApi().endpoint} answers"


def _cache() -> str:
    folder = cache_folder()
    used = _size(folder) if folder.is_dir() else 0
    parent = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(parent).free
    locked = "" if os.access(parent, os.W_OK) else f", read-only: to prepare more, {REMEDY}"
    return f"{folder}: {used / 1e6:.0f} MB used, {free / 1e9:.0f} GB free{locked}"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _runtime(name: str) -> str:
    from benchmark.registry import RUNTIMES

    runtime = RUNTIMES.make(name)
    if missing := runtime.missing():
        raise RuntimeError(missing)
    return ", ".join(f"{package} {version(package)}" for package in runtime.packages or ("torch",))


def _checks() -> Iterator[tuple[str, Callable[[], str], bool]]:
    """Title, check, and whether running a suite requires it."""
    from benchmark.registry import RUNTIMES

    yield "machine", _machine, True
    yield "torch", _torch, True
    yield "GPU", _cuda, False
    yield "synthetic speech", _speech, True
    for name in RUNTIMES.members:
        yield f"runtime {name}", partial(_runtime, name), False
    yield "Hub", _hub, False
    yield "cache", _cache, True
