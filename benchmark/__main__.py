"""`python -m benchmark`."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the command line."""
    from benchmark.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
