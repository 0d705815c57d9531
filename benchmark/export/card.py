"""The card of an exported model: a README.md with its measurements and provenance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from benchmark.data.languages import name as language_name
from benchmark.export.cell import FinishedCell
from benchmark.export.shipped import Shipped
from benchmark.statistics.estimate import Estimate, is_known
from benchmark.text.escape import escape
from benchmark.text.words import duration, number, rate, ratio, size

NOT_MEASURED = "not measured"
REJECTED = "timing rejected: two copies of the same model timed differently"


def card(cell: FinishedCell, shipped: Shipped, files: Mapping[str, int]) -> str:
    """The text of README.md."""
    row = cell.row
    language = language_name(row["language"])
    synthetic = (
        ["**Trained and measured on synthetic speech; results do not apply to real speech.**", ""]
        if row.get("synthetic")
        else []
    )
    return "\n".join(
        [
            f"# Speech recognition in {escape(language)}",
            "",
            *synthetic,
            f"{code(row['model'])}, trained with {code(row['method'])} and adapted with"
            f" {code(row['optimizer'])} ({escape(row['shots'])} shots), compressed with"
            f" {code(row['compression'])}.",
            "",
            "## Use",
            "",
            "```sh",
            f"pip install numpy soundfile {shipped.name}",
            "python transcribe.py speech.wav",
            "```",
            "",
            "Transcripts are lower-case text without punctuation; `normaliser.json` says how to"
            " normalise texts for comparison with them.",
            "",
            "## Measured",
            "",
            *_measured(cell, shipped, files),
            "",
            "## Data",
            "",
            *_data(cell),
            "",
            "## Provenance",
            "",
            *_provenance(cell),
            "",
            "`transcribe.py` is part of the benchmark (Apache-2.0). The licence of the speech is"
            " not recorded: check its source before you redistribute the model.",
            "",
        ]
    )


def code(name: str) -> str:
    """A name as code; backticks in it are replaced."""
    return "`" + name.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}") + "`"


def _measured(cell: FinishedCell, shipped: Shipped, files: Mapping[str, int]) -> Iterator[str]:
    row = cell.row
    count = row.get("n_utterances", "an unknown number of")
    utterances = f"{count} test utterance{'' if count == 1 else 's'}"
    yield "| | |"
    yield "|---|---|"
    for name in ("wer", "cer"):
        numbers = (row.get(f"{name}{end}", math.nan) for end in ("", "_low", "_high"))
        error = Estimate(*numbers)
        value = rate(error) if is_known(error.rate) else NOT_MEASURED
        yield f"| {name.upper()} [95 %], {utterances} | {value} |"
    for name, num_bytes in files.items():
        yield f"| `{name}` | {size(num_bytes)} |"
    yield f"| parameters | {number(row.get('parameters', math.nan)) or 'not counted'} |"
    yield f"| latency to that of the uncompressed model [95 %] | {_ratio(row)} |"
    yield f"| median latency | {_latency(cell)} |"
    yield ""
    if not cell.runtime.own_file:
        yield (
            f"Error rates and latencies were measured with {cell.runtime_name} on a file of"
            f" {size(row.get('size_bytes', math.nan)) or 'unknown size'} with the same weights;"
            f" the file here was converted from that one for {shipped.name}."
        )
    else:
        yield "All numbers were measured on this file."
    if protocol := cell.provenance.get("timing_protocol"):
        yield ""
        yield "How latency was measured:"
        yield ""
        for name, value in protocol.items():
            yield f"- {escape(name)}: {escape(NOT_MEASURED if value is None else str(value))}"


def _ratio(row: Mapping[str, Any]) -> str:
    if row.get("timing_valid") is False or row.get("timing_valid") == 0:
        return REJECTED
    bounds = (row.get(f"latency_ratio{end}", math.nan) for end in ("", "_low", "_high"))
    return ratio(*bounds) or NOT_MEASURED


def _latency(cell: FinishedCell) -> str:
    if not is_known(cell.row.get("latency_p50_ms")):
        return NOT_MEASURED
    hardware = cell.provenance.get("hardware") or {}
    processor = hardware.get("cpu") or "an unknown processor"
    return f"{number(cell.row['latency_p50_ms'])} ms on {escape(str(processor))}"


def _data(cell: FinishedCell) -> Iterator[str]:
    """Which speech the model has learnt from, and which it was judged on."""
    yield "| language | role | source | training speech | test speech | digest |"
    yield "|---|---|---|---|---|---|"
    own = cell.row["language"]
    for corpus in cell.provenance.get("corpora") or ():
        learnt = corpus.get("role") == "train"
        if not learnt and corpus["language"] != own:
            continue
        seconds = corpus.get("seconds") or {}
        role = "training" if learnt else f"adaptation ({escape(cell.row['shots'])}), test"
        source = escape(str(corpus.get("source") or "not recorded"))
        source += " (synthetic)" if corpus.get("synthetic") else ""
        amounts = [seconds.get(split, math.nan) for split in ("train", "test")]
        spoken = [duration(amount) or "not known" for amount in amounts]
        digest = escape(str(corpus.get("digest") or "not recorded")[:12])
        language = escape(corpus["language"])
        yield f"| {language} | {role} | {source} | {spoken[0]} | {spoken[1]} | {digest} |"


def _provenance(cell: FinishedCell) -> Iterator[str]:
    row, provenance = cell.row, cell.provenance
    git = provenance.get("git") or {}
    commit = escape(str(git.get("commit") or "not known")[:12])
    commit += ", changed since" if git.get("dirty") else ""
    versions = provenance.get("versions") or {}
    yield f"- cell {code(row['cell'])} of suite {code(row['suite'])}, {escape(row['created'])}"
    yield f"- benchmark commit: {commit}"
    yield "- versions: " + ", ".join(
        escape(f"{name} {version}") for name, version in versions.items()
    )
    yield (
        f"- seed {row['seed']}, draw {row['draw']}, {row.get('gradients_spent', NOT_MEASURED)}"
        " utterance-gradients; every setting is in the cell's row of `records.parquet`"
    )
