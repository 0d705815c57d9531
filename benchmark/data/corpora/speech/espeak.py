"""Speech synthesis with eSpeak NG: a separate program, run as a child process.

eSpeak NG is under the GPL and is C code that may crash, so only this process loads it. It takes one
JSON object per line on standard input (`voice`, `rate` in words per minute, `pitch` 0 to 99,
`text`). On standard output it writes the sample rate in Hz once, and then for each line the number
of bytes and the samples, 16-bit mono. All integers are little-endian; the lengths have 32 bits.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from typing import Any, BinaryIO

import espeakng_loader

# From espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_RATE, _PITCH = 1, 3
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def _check(status: int, what: str) -> None:
    if status != 0:
        raise RuntimeError(f"eSpeak NG refuses the {what}")


def _speak(library: ctypes.CDLL, request: dict[str, Any]) -> None:
    _check(library.espeak_SetVoiceByName(request["voice"].encode()), f"voice {request['voice']}")
    _check(library.espeak_SetParameter(_RATE, request["rate"], 0), "rate")
    _check(library.espeak_SetParameter(_PITCH, request["pitch"], 0), "pitch")
    text = request["text"].encode()
    size = ctypes.c_size_t(len(text) + 1)
    status = library.espeak_Synth(text, size, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
    _check(status, "text")


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until the input ends."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(
        _AUDIO_OUTPUT_SYNCHRONOUS,
        0,
        espeakng_loader.get_data_path().encode(),
        _INITIALIZE_DONT_EXIT,
    )
    if rate <= 0:
        raise RuntimeError("eSpeak NG does not find its data")
    # Breath is noise, whose generator is seeded with the clock by default.
    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    spoken = bytearray()

    def collect(samples: Any, count: int, _events: Any) -> int:
        if count:
            spoken.extend(ctypes.string_at(samples, 2 * count))
        return 0

    # ctypes frees a callback without references.
    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    answers.write(struct.pack("<I", rate))
    answers.flush()
    for line in requests:
        spoken.clear()
        _speak(library, json.loads(line))
        answers.write(struct.pack("<I", len(spoken)) + spoken)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
