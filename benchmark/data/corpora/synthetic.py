"""Speech in many languages, synthesised by eSpeak NG: a corpus that needs no download."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from benchmark.cache import cache_folder
from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.folder import Folder
from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.errors import DataError
from benchmark.store.drafts import set_aside
from benchmark.store.integrity import Damaged, verify_listed

if TYPE_CHECKING:
    from benchmark.data.corpora.speech.write import Script

GENERATOR = 2
"""Incremented whenever the same settings would give other bytes."""

_PACKAGES = ("espeakng-loader", "num2words", "babel", "numpy")


@dataclass(frozen=True)
class Synthetic(Corpus):
    """Short phrases by 19 voices per language, synthesised once and kept in the cache folder.

    train, validation, test  utterances of each split; splits share no text and no speaker
    seed                     determines texts, voices and noise
    """

    train: Annotated[int, Field(ge=1)] = 400
    validation: Annotated[int, Field(ge=1)] = 40
    test: Annotated[int, Field(ge=1)] = 80
    seed: Annotated[int, Field(ge=0)] = 0

    synthetic: ClassVar[bool] = True

    def languages(self) -> list[str]:
        """BCP 47 codes of all supported languages, sorted."""
        return sorted(LANGUAGES)

    def identity(self, language: str) -> dict[str, Any]:
        """The settings, and the versions of the generator and of the packages that it uses."""
        if language not in self.languages():
            raise DataError(f"this corpus does not speak {language!r}{self._hint(language)}")
        return {
            "name": type(self).__name__,
            "language": language,
            "generator": GENERATOR,
            "settings": asdict(self),
            "packages": {name: version(name) for name in _PACKAGES},
        }

    def read(self, language: str) -> Iterator[RawUtterance]:
        """Synthesises the language unless it is in the cache, then reads it like any folder."""
        return Folder(path=str(self._made(language))).read(language)

    def script(self) -> Script:
        """The texts to speak."""
        # A plan only reads identities, so it does not load the synthesis.
        from benchmark.data.corpora.speech.write import PHRASES

        return PHRASES

    def _made(self, language: str) -> Path:
        from benchmark.data.corpora.speech.write import write_language

        identity = json.dumps(self.identity(language), sort_keys=True)
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        folder = cache_folder() / "synthetic" / f"{language}-{digest}"
        try:
            verify_listed(folder, "synthetic speech")
        except Damaged as damage:
            set_aside(folder)
            logging.getLogger(__name__).warning("%s; set aside and made again", damage.line)
        if not folder.is_dir():
            sizes = {"train": self.train, "validation": self.validation, "test": self.test}
            write_language(folder, language, self.script(), sizes, self.seed)
        return folder

    def _hint(self, language: str) -> str:
        base = language.replace("_", "-").split("-")[0].lower()
        meant = f"; did you mean {base!r}?" if base in self.languages() else ""
        return f"{meant}; it speaks {', '.join(self.languages())}"
