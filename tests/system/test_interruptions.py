"""SIGTERM and SIGHUP end a command as Ctrl-C does; a second signal ends it at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark import cli
from benchmark.commands import describe
from benchmark.system import signals
from benchmark.system.signals import deferred_interruptions, interrupted, interruptible

LINE = "interrupted; finished work is kept, run the same command to continue\n"


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in signals.INTERRUPTIONS}
    # A shell that starts tests in the background lets them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_is_a_line_and_130(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_away = []

    def main(*_: object) -> int:
        try:
            signal.raise_signal(number)
        finally:
            put_away.append(number)
        return 0

    monkeypatch.setattr(describe, "main", main)
    assert cli.main(["describe", "maml"]) == 130
    assert capsys.readouterr().err == LINE
    assert put_away == [number]


@pytest.mark.parametrize("error", [RuntimeError, ImportError, SystemError])
def test_what_a_library_makes_of_an_interruption_is_no_fault(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(*_: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise error("from C") from None
        return 0

    monkeypatch.setattr(describe, "main", main)
    assert cli.main(["describe", "maml"]) == 130
    assert capsys.readouterr().err == LINE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_that_are_ignored_stay_ignored(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_IGN)
    with interruptible():
        signal.raise_signal(number)
        assert not interrupted()
    assert signal.getsignal(number) == signal.SIG_IGN


def test_handlers_are_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interruptible():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_held_back_comes_afterwards() -> None:
    with interruptible(), pytest.raises(KeyboardInterrupt), deferred_interruptions():
        os.kill(os.getpid(), signal.SIGTERM)
        assert not interrupted()


def test_what_another_thread_takes_is_held_back_too() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with interruptible(), pytest.raises(KeyboardInterrupt), deferred_interruptions():
            assert thread.ident is not None
            signal.pthread_kill(thread.ident, signal.SIGTERM)
            for _ in range(10_000):
                if signals._deferred is not None:
                    break
                time.sleep(0.001)  # the thread has not woken up yet
            assert signals._deferred == signal.SIGTERM
            assert not interrupted()
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("gap", [0.0, 0.8])
def test_a_second_signal_is_quick_and_one_sent_twice_is_one(gap: float) -> None:
    script = (
        "import signal, sys, time\n"
        "from benchmark.system.guard import guarded\n"
        "def command():\n"
        "    try: signal.raise_signal(signal.SIGTERM)\n"
        "    finally:\n"
        f"        time.sleep({gap}); signal.raise_signal(signal.SIGTERM); print('put away')\n"
        "sys.exit(guarded(command))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stdout == ("" if gap else "put away\n")
    assert done.stderr == ("" if gap else LINE)


@pytest.mark.parametrize(
    "swallow",
    [
        "class Deaf:\n    def __del__(self): interrupt()\ndef swallow(): Deaf()\n",
        "def swallow():\n    try: interrupt()\n    except: pass\n",
    ],
    ids=["a finaliser", "a library"],
)
def test_an_interruption_that_is_swallowed_comes_again(swallow: str) -> None:
    script = (
        "import signal, sys, time\n"
        "from benchmark.system.guard import guarded\n"
        "def interrupt(): signal.raise_signal(signal.SIGTERM)\n"
        f"{swallow}"
        "def command():\n"
        "    swallow()\n"
        "    time.sleep(60)\n"
        "sys.exit(guarded(command))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, LINE)


def test_an_interruption_does_not_come_again_while_things_are_put_away() -> None:
    script = (
        "import contextlib, signal, sys, time\n"
        "from benchmark.system import signals\n"
        "from benchmark.system.guard import guarded\n"
        "signals.LOOK_SECONDS = 0.001\n"
        "@contextlib.contextmanager\n"
        "def thing():\n"
        "    try: yield\n"
        "    finally:\n"
        "        time.sleep(0.1); print('put away')\n"
        "def command():\n"
        "    with thing(): signal.raise_signal(signal.SIGTERM)\n"
        "sys.exit(guarded(command))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "put away\n", LINE)


def test_an_interruption_that_is_swallowed_in_the_end_kills_nobody() -> None:
    script = (
        "import signal, sys, time\n"
        "from benchmark.system.guard import guarded\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "class Deaf:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def command():\n"
        "    Deaf()\n"
        "    return 3\n"
        "code = guarded(command)\n"
        "time.sleep(0.3)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_during_an_exec_of_text_does_not_kill_the_process(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "started.py").write_text(
        "import signal\n"
        "from benchmark import __main__\n"
        f"__main__._run = lambda: exec('signal.raise_signal(signal.{name})')\n"
        "__main__.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "started"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (130, LINE)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_after_the_end_of_a_command_does_not_change_its_exit_code(name: str) -> None:
    script = (
        "import builtins, os, signal\n"
        "from benchmark import __main__\n"
        "class Last:  # deleted while Python takes itself apart\n"
        f"    def __del__(self, kill=os.kill, arguments=(os.getpid(), signal.{name})):\n"
        "        kill(*arguments)\n"
        "def run():\n"
        "    builtins.last = Last()\n"
        "    return 3\n"
        "__main__._run = run\n"
        "__main__.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_child_is_started_deaf_until_it_is_bound() -> None:
    script = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with deferred_interruptions():
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    shown, _ = child.communicate()
    assert "SIGINT" in shown
    assert "SIGTERM" in shown
