"""Passes at regular times, and the signal that ends them."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from analyzer.audit import loop
from analyzer.audit.health import Health
from analyzer.audit.loop import repeat, stopping
from analyzer.audit.parts import Stopped
from analyzer.errors import OutputError
from analyzer.times import SECOND

if TYPE_CHECKING:
    from pathlib import Path


def later(seconds: float) -> threading.Timer:
    """SIGTERM to this process in a while."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    return timer


def test_sigterm_ends_a_call_that_blocks() -> None:
    reader, writer = os.pipe()
    with stopping() as stop:
        later(0.05)
        with pytest.raises(Stopped):
            os.read(reader, 1)
    assert stop.wanted.is_set()
    os.close(reader)
    os.close(writer)


def test_a_signal_that_came_right_before_a_call_that_blocks_is_heard_all_the_same() -> None:
    # As the kernel leaves it: the signal is noted, and nothing interrupts what the process waits for.
    reader, writer = os.pipe()
    with stopping():
        wakeup = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(wakeup)
        os.write(wakeup, bytes([signal.SIGTERM]))
        with pytest.raises(Stopped):
            os.read(reader, 1)
    os.close(reader)
    os.close(writer)


def test_the_handler_of_before_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopping():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_process_that_hears_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(loop, "_GRACE", 0.3)
    monkeypatch.setattr(os, "_exit", ended.append)
    with stopping():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        except Stopped:
            time.sleep(1)
    assert ended == [3]


def test_passes_begin_at_regular_times_and_missed_ones_are_left_out() -> None:
    now = [0.0]
    begun: list[float] = []

    def one() -> None:
        begun.append(now[0])
        now[0] += 25.0 if len(begun) == 2 else 1.0
        if len(begun) == 4:
            stop.wanted.set()

    stop = loop.Stop()
    stop.wanted.wait = lambda timeout=None: now.__setitem__(0, now[0] + (timeout or 0)) or False  # type: ignore[method-assign]
    repeat(one, 10 * SECOND, stop, clock=lambda: now[0])
    assert begun == [0.0, 10.0, 40.0, 50.0]


def test_sigterm_while_waiting_ends_the_loop_at_once() -> None:
    alive: list[bool] = []
    with stopping() as stop:
        later(0.1)
        begun = time.monotonic()
        repeat(lambda: None, 3_600 * SECOND, stop, alive=lambda: alive.append(True))
    assert time.monotonic() - begun < 5
    assert alive == [True]


def test_the_health_file_says_when_and_how_it_stood(tmp_path: Path) -> None:
    Health(None).tell(0, "ok")
    path = tmp_path / "health"
    health = Health(path)
    health.tell(0, "ok")
    health.tell(SECOND, "failed")
    assert path.read_text(encoding="utf-8") == (
        '{"at":"1970-01-01T00:00:01Z","status":"failed","last_success":"1970-01-01T00:00:00Z"}\n'
    )
    with pytest.raises(OutputError):
        Health(tmp_path / "missing" / "health").tell(0, "ok")
