"""Where a worker process begins: bound to the run before it loads what stages need."""

from __future__ import annotations

from multiprocessing.connection import Connection

from benchmark.system.child import bind


def start(connection: Connection, parent: int) -> None:
    """Serve the process `parent` through `connection`, and end with it."""
    bind(parent)
    from benchmark.execute.workers import serve

    serve(connection)
