"""Whether a folder is an exported model, and whole."""

from __future__ import annotations

from pathlib import Path

from benchmark.deploy.shipped import MODEL
from benchmark.errors import UserError
from benchmark.runtimes.exporting.description import check_seal

NEEDED = ("runtime.json", "features.json", "tokenizer.json")


def check_folder(folder: Path) -> None:
    """Raises UserError where files are missing, or the model is not as it was exported."""
    absent = [name for name in NEEDED if not (folder / name).exists()]
    model = next(
        (p for p in (folder / f"{MODEL}.onnx", folder / f"{MODEL}.xml") if p.exists()), None
    )
    if absent or model is None:
        what = absent[0] if absent else f"{MODEL}.onnx or {MODEL}.xml"
        raise UserError(f"{folder}: not an exported model, it has no {what}")
    weights = [model.with_suffix(".bin").read_bytes()] if model.suffix == ".xml" else []
    check_seal(model, model.read_bytes(), *weights)
