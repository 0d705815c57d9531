"""Where a worker process begins: bound to the run before it loads what stages need."""

from __future__ import annotations

from collections.abc import Mapping
from multiprocessing.connection import Connection

from benchmark.system.child import bind


def start(connection: Connection, parent: int, paths: Mapping[str, list[str]]) -> None:
    """Serve the process `parent` through `connection`, and end with it; see `workers.serve`."""
    bind(parent)
    from benchmark.execute.workers import serve

    serve(connection, paths)
