"""The contract of a runtime: a file format, and a recogniser that runs such files.

A member is one file in this folder with one frozen dataclass. It imports torch and its packages
only inside its functions. Size, hypotheses and latency of a cell all come from its artefact.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from benchmark.axis import Axis
from benchmark.extras import missing

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Arithmetic, Subject
    from benchmark.compression.storage.artefact import Header
    from benchmark.runtimes.running.recogniser import Recogniser

ARTEFACT = "artefact"
"""The file name of an artefact, without its extension."""

NATIVE = "torch"
"""The default runtime."""


@dataclass(frozen=True)
class Runtime(ABC):
    """Settings of a runtime."""

    version: ClassVar[int] = 1
    paper: ClassVar[str] = ""

    packages: ClassVar[Sequence[str]] = ()
    """Modules that it imports and that `extra` installs."""

    extra: ClassVar[str] = ""
    """The optional dependency group of this package that installs them."""

    ending: ClassVar[str] = "safetensors"
    """The extension of its files."""

    on_gpu: ClassVar[bool] = False
    """Whether it can compute on a GPU; the others use the CPU alone."""

    own_file: ClassVar[bool] = True
    """Whether its file format differs from that of the native runtime."""

    def missing(self) -> str | None:
        """What must be installed before it can run; None if nothing."""
        return missing(self.packages, self.extra)

    def header_bytes(self, file: Path) -> int | None:
        """Bytes of the file that hold no weights; None if they are in a separate file."""
        return None

    def file(self, folder: Path) -> Path:
        """The path of the artefact in the folder of a stage."""
        return folder / f"{ARTEFACT}.{self.ending}"

    @abstractmethod
    def save(self, subject: Subject, header: Header, file: Path) -> None:
        """Write the artefact.

        Further files of the artefact have the same name and other extensions. Raises Unsupported if
        the runtime cannot express or compute the subject.
        """

    @abstractmethod
    def load(self, file: Path, device: str) -> Recogniser:
        """A recogniser that runs the file. Raises UserError if it cannot be read."""

    def options(self, arithmetic: Arithmetic) -> dict[str, str]:
        """Options of its library for loading a file with this arithmetic."""
        return {}


def bytes_of(folder: Path) -> int:
    """Bytes of all files of the artefact in the folder of a stage."""
    return sum(path.stat().st_size for path in folder.glob(f"{ARTEFACT}.*"))


RUNTIMES: Axis[Runtime] = Axis("runtime", "runtimes", Runtime)  # type: ignore[type-abstract]


def runtime_of(identity: Mapping[str, Any]) -> Runtime:
    """The runtime that a stage names, by name alone or with settings; the native one if none."""
    return named_runtime(identity.get("runtime"))


def named_runtime(named: str | Mapping[str, Any] | None) -> Runtime:
    """The runtime of this name or identity; the native one if none."""
    if named is None or isinstance(named, str):
        return RUNTIMES.make(named or NATIVE)
    return RUNTIMES.rebuild(named)
