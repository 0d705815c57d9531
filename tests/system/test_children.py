"""No child outlives the process that it works for, however that one ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BUSY = "while True: sum(range(1000))"
"""A child's work; it never lets go of the processor."""

WORKER = f"""
import os, sys, time
import multiprocessing
def work(parent):
    from benchmark.system.child import bind
    bind(parent)
    print(os.getpid(), flush=True)
    {BUSY}
if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work, args=(os.getpid(),)).start()
    time.sleep(60)
"""

MEASURING = """

from benchmark.measure.process import measure_apart
measure_apart("busy", {})
"""

FORK = """
import sys, time
from benchmark.measure.fresh_process import run_in_fork
import os
def work():
    os.write(1, str(os.getpid()).encode() + b"\\n")
    while True: sum(range(1000))
run_in_fork(work)
"""

PORTABLE = f"""
import os, subprocess, sys, time
if len(sys.argv) == 1:
    subprocess.Popen([sys.executable, __file__, str(os.getpid())])
    time.sleep(60)
from benchmark.system import child
child._killed_by_system = lambda: False
child.bind(int(sys.argv[1]))
print(os.getpid(), flush=True)
{BUSY}
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("script", [WORKER, MEASURING, FORK, PORTABLE])
def test_a_busy_child_ends_with_its_parent(script: str, tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(script)
    (tmp_path / "busy.py").write_text(BUSY)
    reader, writer = os.pipe()
    place = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    parent = subprocess.Popen(
        [sys.executable, str(program)],
        stdout=writer,
        env=os.environ | {"PYTHONPATH": place},
        start_new_session=True,
    )
    os.close(writer)
    if script is MEASURING:
        child = _only_child(parent.pid)
    else:
        with os.fdopen(reader) as output:
            child = int(output.readline())
    parent.kill()
    parent.wait()
    gone = time.monotonic() + 2
    while alive(child) and time.monotonic() < gone:
        time.sleep(0.02)
    try:
        assert not alive(child)
    finally:
        if alive(child):
            os.kill(child, signal.SIGKILL)


def _only_child(parent: int) -> int:
    while True:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.02)


def test_a_child_that_begins_too_late_ends_at_once() -> None:
    script = f"from benchmark.system.child import bind; bind({os.getpid() + 1}); print('lives')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_child_leaves_interruptions_to_its_parent(number: signal.Signals) -> None:
    script = (
        "import os, signal; from benchmark.system.child import bind; bind(os.getppid());"
        f"signal.raise_signal({int(number)}); print('lives')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert (done.stdout, done.stderr) == (b"lives\n", b"")
