"""`python -m benchmark`."""

from __future__ import annotations

import sys

from benchmark.system.guard import guarded
from benchmark.system.signals import end_quickly


def main() -> None:
    """Entry point of the command line."""
    code = guarded(_run, "--debug" in sys.argv)
    end_quickly()
    sys.exit(code)


def _run() -> int:
    from benchmark.cli import main as run

    return run()


if __name__ == "__main__":
    main()
