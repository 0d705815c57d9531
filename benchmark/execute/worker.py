"""Where a worker process begins: bound to the run before it loads what stages need."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection
from types import FrameType

from benchmark.system.child import bind

STOPPED = 128 + signal.SIGTERM
"""Exit code of a worker that was asked to stop."""


def start(connection: Connection, parent: int, paths: Mapping[str, list[str]]) -> None:
    """Serve the process `parent` through `connection`, and end with it or by SIGTERM.

    `paths` are the import paths that the suite names, so that stages may.
    """
    bind(parent)
    signal.signal(signal.SIGTERM, _stop)
    from benchmark.execute.workers import serve

    serve(connection, paths)


def _stop(number: int, frame: FrameType | None) -> None:
    """End at once. An exception would abort the process with a traceback if C++ code called Python,
    as imports of torch do; a later run removes what the stage had begun to write."""
    os._exit(STOPPED)
