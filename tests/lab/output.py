"""Runs a command and keeps its lines in the order they arrive."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["LabError", "Line", "Output", "run"]

CHUNK = 65_536
GRACE = 5.0


class LabError(RuntimeError):
    """A scenario could not be played: what it needs did not come about."""


class Line(msgspec.Struct, frozen=True):
    """One line of output.

    Attributes:
        stream: ``stdout`` or ``stderr``.
        text: Without its line end.
        arrived: Seconds after the command's start when its end was read.
    """

    stream: str
    text: str
    arrived: float


class Output(msgspec.Struct, frozen=True):
    """What a command printed, and how it ended."""

    command: tuple[str, ...]
    status: int
    lines: tuple[Line, ...]


class _Stream:
    """The bytes of one stream that are no whole line yet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rest = b""

    def lines(self, data: bytes, arrived: float) -> list[Line]:
        parts = (self.rest + data).split(b"\n")
        if data:
            self.rest = parts.pop()
        elif not self.rest:
            return []
        return [Line(self.name, part.decode(errors="replace").rstrip("\r"), arrived) for part in parts]


def run(command: Sequence[str], *, folder: Path, env: Mapping[str, str], seconds: float, until: str = "") -> Output:
    """Run a command to its end.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        env: Its whole environment.
        seconds: When it is still running then, it is ended and the scenario has failed.
        until: A text after which it is asked to stop (SIGTERM): for servers that start well.

    Raises:
        LabError: The time was up.
    """
    began = time.monotonic()
    lines: list[Line] = []
    with subprocess.Popen(  # noqa: S603 - the laboratory's own commands
        command, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process, selectors.DefaultSelector() as selector:  # fmt: skip
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, _Stream(name))
        late = asked = False
        while selector.get_map():
            left = began + seconds - time.monotonic()
            if left <= 0 and not late:
                late = True
                _end(process, signal.SIGKILL)
            for key, _ in selector.select(timeout=max(left, 0.0) if not late else GRACE):
                data = os.read(key.fd, CHUNK)
                lines += key.data.lines(data, time.monotonic() - began)
                if not data:
                    selector.unregister(key.fileobj)
            if until and not asked and any(until in line.text for line in lines):
                asked = True
                time.sleep(0.3)  # what it prints right after belongs to the picture
                _end(process, signal.SIGTERM)
        status = process.wait()
    if late:
        raise LabError(f"{' '.join(command)} still ran after {seconds:.0f} s:\n" + "\n".join(x.text for x in lines))
    return Output(tuple(command), status, tuple(lines))


def _end(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sign is signal.SIGKILL:
            os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
