"""The roles of the columns of a dataset."""

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
"""Usual column names of a role that the suite does not map, most specific first."""

FILE_NAMES = (
    "file_name",
    *(f"{name}_file_name" for name in USUAL_NAMES["audio"]),
    *USUAL_NAMES["audio"],
    "audio_filepath",
    "audio_path",
    "path",
    "file",
    "filename",
)
"""Usual names of a column of audio file names."""


@dataclass(frozen=True)
class Columns:
    """Column names by role; a dataset may lack speakers and ids."""

    audio: str
    text: str
    speaker: str | None
    id: str | None

    @property
    def listed(self) -> str:
        """Columns with their roles, for messages."""
        return ", ".join(f"{role}: {c}" for role, c in {"audio": self.audio, **self.texts}.items())

    @property
    def texts(self) -> dict[str, str]:
        """The columns of text, by role."""
        roles = {"text": self.text, "speaker": self.speaker, "id": self.id}
        return {role: column for role, column in roles.items() if column is not None}


def recognise_columns(
    present: Sequence[str], mapping: Mapping[str, str], source: str, names_audio: bool = False
) -> Columns:
    """The columns named by `mapping` (role -> column), all others by their usual names.

    With `names_audio` the audio column names files. Raises DataError, with a list of the columns,
    if a role is unknown, a mapped column is absent or duplicate, or audio or text is not
    recognised.
    """
    listed = f"its columns are {', '.join(present)}"
    # `datasets` maps the column `file_name` to audio, and `x_file_name` to x.
    renamed = {n.removesuffix("_file_name"): n for n in present if n.endswith("_file_name")}
    renamed |= {"audio": "file_name"} if "file_name" in present else {}
    for role, name in mapping.items():
        if role not in USUAL_NAMES:
            roles = ", ".join(USUAL_NAMES)
            raise DataError(f"columns: {role!r} is not a role; the roles are {roles}")
        if name not in present and not (role == "audio" and names_audio and name in renamed):
            raise DataError(f"{source} has no column {name!r} for {role}; {listed}")
    lowered = {name.lower(): name for name in reversed(present)}
    lowered |= {name: name for name in present}

    def column(role: str) -> str | None:
        if role in mapping:
            name = mapping[role]
            return name if name in present else renamed[name]
        names = FILE_NAMES if names_audio and role == "audio" else USUAL_NAMES[role]
        return next((lowered[name] for name in names if name in lowered), None)

    audio, text = column("audio"), column("text")
    if audio is None or text is None:
        lacking = "audio" if audio is None else "text"
        raise DataError(
            f"{source}: no column is recognised as {lacking}; {listed}. "
            f"Name it: `columns: {{{lacking}: COLUMN}}`"
        )
    chosen = Columns(audio, text, column("speaker"), column("id"))
    for name in (audio, *chosen.texts.values()):
        if list(present).count(name) > 1:
            raise DataError(f"{source} has two columns called {name!r}; {listed}")
    return chosen
