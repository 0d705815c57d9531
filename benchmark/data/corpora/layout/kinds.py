"""Kinds of files, by their names."""

from __future__ import annotations

from posixpath import basename, splitext

TABLES = {
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".tar": "tar",
    ".csv": "CSV",
    ".tsv": "TSV",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
    ".json": "JSON",
}
"""Formats of tables by extension."""

EMBEDDED = frozenset({"Parquet", "Arrow", "tar"})
"""Formats that contain audio; the others name audio files."""

_READ = """
.wav .wave .flac .ogg .oga .opus .mp3 .aiff .aif .aifc .au .snd .caf .w64 .rf64 .sph .nist .voc
"""
READ = frozenset(_READ.split())
"""Audio that libsndfile decodes. Files with other extensions are tried if a row names them."""

_UNREAD = """
.m4a .m4b .aac .mp4 .m4v .mov .3gp .3g2 .amr .awb .wma .asf .webm .mka .mkv .avi .ape .wv .ac3
.spx .ra .dts .mpc .tta .alac .mpg .mpeg .flv
"""
UNREAD = frozenset(_UNREAD.split())
"""Audio and video that cannot be decoded."""

DESCRIPTIONS = frozenset(
    {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
)
"""Files that describe a dataset and contain no rows."""


def extension(name: str) -> str:
    """The lower-case extension, with its dot."""
    return splitext(name)[1].lower()


def stem(name: str) -> str:
    """The last component without its extension."""
    return splitext(basename(name))[0]


def is_hidden(name: str) -> bool:
    """Whether the last component begins with a dot."""
    return basename(name).startswith(".")


def is_table(name: str) -> bool:
    """Whether a file may contain rows."""
    return extension(name) in TABLES and basename(name) not in DESCRIPTIONS


def is_metadata(name: str) -> bool:
    """Whether a table describes the audio files beside and below it."""
    named = "metadata" in stem(name).lower()
    return named and is_table(name) and extension(name) not in (".arrow", ".tar")


def is_audio(name: str) -> bool:
    """Whether a file is audio, in a supported format or not."""
    return extension(name) in READ or extension(name) in UNREAD
