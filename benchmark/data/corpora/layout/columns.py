"""Which column of a dataset plays which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.errors import DataError

USUAL_NAMES = {
    "audio": ("audio", "speech", "wav", "flac", "mp3", "ogg", "opus"),
    "text": (
        "text",
        "sentence",
        "transcription",
        "transcript",
        "normalized_text",
        "raw_transcription",
        "txt",
    ),
    "speaker": ("speaker", "speaker_id", "client_id", "spk_id", "reader_id"),
    "id": ("id", "uid", "utterance_id", "file_id", "segment_id", "__key__", "path"),
}
"""Names by which a role is recognised when the suite does not map it, most telling first."""


@dataclass(frozen=True)
class Columns:
    """Column names by role; a dataset may lack speakers and ids."""

    audio: str
    text: str
    speaker: str | None
    id: str | None


def recognise_columns(found: Sequence[str], mapping: Mapping[str, str], source: str) -> Columns:
    """The columns that `mapping` (role -> column) names, the others by their usual names.

    Raises DataError when a role is unknown, a mapped column is absent, or audio or text is not
    recognised, listing the columns found.
    """
    listed = f"its columns are {', '.join(found)}"
    for role, name in mapping.items():
        if role not in USUAL_NAMES:
            roles = ", ".join(USUAL_NAMES)
            raise DataError(f"columns: {role!r} is no role; the roles are {roles}")
        if name not in found:
            raise DataError(f"{source} has no column {name!r} for {role}; {listed}")
    lowered = {name.lower(): name for name in reversed(found)}

    def column(role: str) -> str | None:
        usual = (lowered[name] for name in USUAL_NAMES[role] if name in lowered)
        return mapping.get(role) or next(usual, None)

    audio, text = column("audio"), column("text")
    if audio is None or text is None:
        lacking = "audio" if audio is None else "text"
        raise DataError(
            f"{source}: no column is recognised as {lacking}; {listed}. "
            f"Name it: `columns: {{{lacking}: COLUMN}}`"
        )
    return Columns(audio, text, column("speaker"), column("id"))
