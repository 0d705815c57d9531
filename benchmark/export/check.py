"""Validation of an exported folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from benchmark.errors import UserError
from benchmark.export.shipped import MODEL
from benchmark.results.documents import Name, read_json, valid
from benchmark.runtimes.exporting.description import check_seal

Samples = Annotated[int, Field(ge=1, le=10**6)]
Floor = Annotated[float, Field(gt=0, lt=1)]


class RuntimeSettings(TypedDict):
    """runtime.json"""

    name: Literal["onnxruntime", "openvino"]
    options: dict[Name, str]


class FeatureSettings(TypedDict):
    """features.json; without mel bands the input is the waveform."""

    rate: Samples
    mels: Annotated[int, Field(ge=0, le=1000)]
    window: Samples
    hop: Samples
    span: Samples
    floor: Floor
    deviation_floor: Floor


class TokenizerSettings(TypedDict):
    """tokenizer.json: the text of each class of the scores."""

    decoder: Name
    units: Name
    encoding: Literal["latin-1", "utf-8"]
    symbols: list[str]


NEEDED: dict[str, TypeAdapter[Any]] = {
    "runtime.json": TypeAdapter(RuntimeSettings),
    "features.json": TypeAdapter(FeatureSettings),
    "tokenizer.json": TypeAdapter(TokenizerSettings),
}


def check_folder(folder: Path) -> None:
    """Raises UserError if a file is missing, invalid or changed since the export, and DataError if
    one is not JSON.
    """
    absent = [name for name in NEEDED if not (folder / name).exists()]
    model = next(
        (p for p in (folder / f"{MODEL}.onnx", folder / f"{MODEL}.xml") if p.exists()), None
    )
    if absent or model is None:
        what = absent[0] if absent else f"{MODEL}.onnx or {MODEL}.xml"
        raise UserError(f"{folder}: not an exported model, it has no {what}")
    for name, shape in NEEDED.items():
        try:
            valid(shape, read_json(folder / name))
        except ValueError as error:
            raise UserError(f"{folder / name}: not of an exported model ({error})") from None
    try:
        weights = [model.with_suffix(".bin").read_bytes()] if model.suffix == ".xml" else []
        content = model.read_bytes()
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror})") from None
    check_seal(model, content, *weights)
