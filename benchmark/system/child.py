"""Child processes that end with their parent: `python -m` this module PARENT MODULE.

PARENT is the process that starts it, MODULE the module to run once it is bound to the parent.
Binding comes before importing MODULE, because libraries take seconds to load.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

from benchmark.system.signals import INTERRUPTIONS

POLL_SECONDS = 0.5

_PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """End this process when its parent process ends; interruptions are left to the parent.

    Linux then kills the process immediately, also if only the thread that started it ends. On other
    systems a thread monitors the parent.
    """
    for number in INTERRUPTIONS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
    if not _killed_by_system():
        threading.Thread(target=_look_after, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _killed_by_system() -> bool:
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) == 0)


def _look_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


def main() -> None:
    parent, module = sys.argv[1:3]
    bind(int(parent))
    del sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
