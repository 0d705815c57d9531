"""Where a worker process begins: bound to the run before it loads what stages need."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from types import FrameType

from benchmark.system.child import bind
from benchmark.system.signals import note_interruption

STOPPED = 128 + signal.SIGTERM
"""Exit code of a worker that was asked to stop."""


def start(connection: Connection, parent: int, paths: Mapping[str, list[str]]) -> None:
    """Serve the process `parent` through `connection`, and end with it or by SIGTERM.

    `paths` are the import paths that the suite names, so that stages may.
    """
    bind(parent)
    signal.signal(signal.SIGTERM, _stop)
    from benchmark.execute.workers import serve

    try:
        serve(connection, paths)
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def _stop(number: int, frame: FrameType | None) -> None:
    note_interruption()
    sys.exit(STOPPED)
