"""Files and folders that appear whole or not at all, with the modes that the umask leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A path to write a file or folder at, which becomes `target` at the end of the block.

    Folders and files of `tempfile` are their owner's alone, and stay so when they are moved. So the
    draft is made as any other file inside such a folder, and a group may share what becomes of it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as scratch:
        draft = Path(scratch) / target.name
        yield draft
        draft.replace(target)
