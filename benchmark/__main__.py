"""`python -m benchmark`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Entry point of the command line."""
    # Until there are handlers, Ctrl-C ends this process as SIGTERM does: without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Not above: worker processes import this module too.
    from benchmark.system.guard import guarded
    from benchmark.system.signals import end_quickly, leave

    end_quickly()
    leave(guarded(_run, "--debug" in sys.argv))


def _run() -> int:
    from benchmark.cli import main as run

    return run()


if __name__ == "__main__":
    main()
