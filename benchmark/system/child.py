"""Children end with their parent, however it ended: `python -m` this module PARENT MODULE.

PARENT is the process that starts it, MODULE what it runs once it is bound to that one. Binding
comes before MODULE is imported, since libraries take seconds to load.
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
    """End this process when the process `parent`, which started it, ends; leave interruptions to
    that one.

    Linux kills it then, whatever it computes at the moment, and does so too when the thread ends
    that started it. Elsewhere a thread looks after the parent.
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
