"""Export of a finished cell: the model, everything needed to transcribe, and its card."""

from __future__ import annotations

import inspect
import json
import shutil
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header, load_artefact
from benchmark.data.base import SAMPLE_RATE
from benchmark.data.features import Features, InputType
from benchmark.data.frontend import DEVIATION_FLOOR, FLOOR, LogMel
from benchmark.data.languages import unspaced
from benchmark.data.text import normalise
from benchmark.errors import Unsupported, UserError
from benchmark.export.card import card
from benchmark.export.cell import FinishedCell
from benchmark.export.shipped import MODEL, Shipped, sizes
from benchmark.registry import RUNTIMES
from benchmark.runtimes.base import Runtime
from benchmark.runtimes.exporting.description import Description
from benchmark.runtimes.running.graph import GraphRecogniser

SCRIPT = "transcribe.py"
SOUND = "sound.py"
"""The module with which the script explains why audio cannot be used."""

FOR_NATIVE = "onnxruntime"
"""The runtime for which cells of the native runtime, which needs this package, are exported."""


def export(cell: FinishedCell, target: Path) -> Shipped:
    """Write the folder `target`, which must be empty or not exist.

    Raises UserError if it is not empty or the runtime is not installed, and Unsupported if the
    runtime cannot express the model.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{target} exists and is not an empty folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        draft = Path(scratch) / target.name
        draft.mkdir()
        shipped = _written(cell, draft)
        draft.replace(target)
    return shipped


def _written(cell: FinishedCell, folder: Path) -> Shipped:
    shipped = _own(cell, folder) if cell.runtime.own_file else _translated(cell, folder)
    header = shipped.description.header
    _write(
        folder / "features.json",
        feature_settings(header.architecture().input_type, header.features),
    )
    _write(folder / "tokenizer.json", _tokenizer(shipped.description))
    _write(folder / "normaliser.json", _normaliser(header))
    options = shipped.runtime.options(shipped.description.arithmetic)
    _write(folder / "runtime.json", {"name": shipped.name, "options": options})
    for package, name in (("benchmark.export", SCRIPT), ("benchmark.data", SOUND)):
        script = files(package).joinpath(name).read_text(encoding="utf-8")
        (folder / name).write_text(script, encoding="utf-8")
    (folder / "README.md").write_text(card(cell, shipped, sizes(folder)), encoding="utf-8")
    return shipped


def feature_settings(input_type: InputType, features: Features) -> dict[str, Any]:
    """How to compute features, in samples; without mel bands the input is the waveform."""
    front_end = LogMel(features)
    return {
        "rate": SAMPLE_RATE,
        "mels": features.mels if input_type == "log_mel" else 0,
        "window": front_end.mel.win_length,
        "hop": front_end.hop,
        "span": front_end.span,
        "floor": FLOOR,
        "deviation_floor": DEVIATION_FLOOR,
    }


def _own(cell: FinishedCell, target: Path) -> Shipped:
    """A copy of the artefact with which the cell was evaluated."""
    for path in cell.artefact.parent.glob(f"{cell.artefact.stem}.*"):
        shutil.copyfile(path, target / f"{MODEL}{path.suffix}")
    return _shipped(cell.runtime, cell.runtime_name, target)


def _translated(cell: FinishedCell, target: Path) -> Shipped:
    """The weights of a cell of the native runtime, converted for another runtime."""
    runtime = RUNTIMES.make(FOR_NATIVE)
    if missing := runtime.missing():
        raise UserError(
            f"{FOR_NATIVE} is needed to export a cell of {cell.runtime_name}: {missing}"
        )
    artefact = load_artefact(cell.artefact)
    subject = Subject(artefact.header.architecture(), dict(artefact.encoded))
    runtime.save(subject, artefact.header, target / f"{MODEL}.{runtime.ending}")
    return _shipped(runtime, FOR_NATIVE, target)


def _shipped(runtime: Runtime, name: str, target: Path) -> Shipped:
    recogniser = runtime.load(target / f"{MODEL}.{runtime.ending}", "cpu")
    if not isinstance(recogniser, GraphRecogniser):
        raise Unsupported(f"files of {name} need this package, and cannot be shipped without it")
    return Shipped(runtime, name, recogniser.description)


def _tokenizer(description: Description) -> dict[str, Any]:
    """The text of each output class, in order; the blank of CTC has an empty text.

    The concatenated texts, encoded in this encoding and decoded as UTF-8, are the transcript.
    """
    vocabulary = description.header.vocabulary
    blank = [""] if description.decoder == "ctc" else []
    return {
        "decoder": description.decoder,
        "units": vocabulary.units,
        "encoding": "latin-1" if vocabulary.units == "bytes" else "utf-8",
        "symbols": [*blank, *vocabulary.symbols],
    }


def _normaliser(header: Header) -> dict[str, Any]:
    return {
        "name": header.normaliser,
        "language": header.language,
        "words_are_spaced": not unspaced(header.language),
        "rules": inspect.cleandoc(normalise.__doc__ or ""),
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
