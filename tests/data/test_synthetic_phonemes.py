"""Every word is read by the rules of its own language, as far as eSpeak NG can tell."""

import json
import subprocess
import sys
from itertools import islice
from random import Random

import pytest

from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.speech.sentences import sentences

# Writes a line of phonemes for each line of JSON; "(en)" among them means read as English.
PHONEMISER = """
import ctypes, json, sys, espeakng_loader
library = ctypes.CDLL(espeakng_loader.get_library_path())
library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0x8000)
library.espeak_TextToPhonemes.restype = ctypes.c_char_p
for line in sys.stdin:
    voice, text = json.loads(line)
    assert library.espeak_SetVoiceByName(voice.encode()) == 0, voice
    rest, phonemes = ctypes.c_char_p(text.encode()), []
    while rest.value:
        phonemes.append((library.espeak_TextToPhonemes(ctypes.byref(rest), 1, 2) or b"").decode())
    print(json.dumps(" ".join(phonemes)))
"""


@pytest.fixture(scope="module")
def phonemes():
    texts = [(code, text) for code in LANGUAGES for text in islice(sentences(code, Random(7)), 250)]
    lines = "\n".join(json.dumps([LANGUAGES[code].voice, text]) for code, text in texts)
    done = subprocess.run(
        [sys.executable, "-c", PHONEMISER], input=lines, capture_output=True, text=True, check=True
    )
    found = {code: {} for code in LANGUAGES}
    for (code, text), line in zip(texts, done.stdout.splitlines(), strict=True):
        found[code][text] = json.loads(line)
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_is_read_as_another_language(code, phonemes):
    assert {text: spoken for text, spoken in phonemes[code].items() if "(" in spoken} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_is_left_unread(code, phonemes):
    for text, spoken in phonemes[code].items():
        letters = sum(character.isalpha() for character in text)
        assert sum(character.isalpha() for character in spoken) >= 0.4 * letters, (text, spoken)
