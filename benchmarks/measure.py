"""One run of one command: time, CPU and memory of it and of its children.

Nothing heavy is imported here, and what was printed is looked at in another process, since Linux counts what the parent
held at the time as the child's peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Run", "least_cpu", "measure"]

_Result = TypeVar("_Result")

_ROUNDS = 3
_MIB = 1024
_BETWEEN = 0.2
_SESSION = 3
_FINE = (0, 1)
"""ripgrep that found nothing ends with 1."""


class Run(NamedTuple):
    """One run of one command.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of CPU, its children's included.
        peak: MiB of memory of its largest process.
        together: MiB of all its processes at once, pages that several share counted once; 0 where ``/proc`` does not
            tell or the run is over before it was looked at.
        found: What it printed, as :func:`benchmarks.found.found_in` tells it.
    """

    wall: float
    cpu: float
    peak: float
    together: float
    found: Mapping[str, Any]


def least_cpu(work: Callable[[], _Result]) -> tuple[_Result, float]:
    """What some work in this process comes to, and the least seconds of CPU that it took in three rounds."""
    seconds = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        result = work()
        seconds.append(time.process_time() - begun)
    return result, min(seconds)


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end.

    Args:
        command: What to run.
        folder: Where its output is kept while it is looked at.
        env: Variables of the environment beside those that are set.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    printed = folder / "printed"
    with printed.open("wb") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, env={**os.environ, **(env or {})}, start_new_session=True)
        watch = _Watch(process.pid)
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            watch.end()
        wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in _FINE:
        raise subprocess.CalledProcessError(process.returncode, command)
    told = subprocess.run([sys.executable, "-m", "benchmarks.found", printed], check=True, capture_output=True)
    printed.unlink()
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / _MIB, watch.most, json.loads(told.stdout))


class _Watch:
    """Looks a few times a second at how much memory the processes of a session hold together.

    Args:
        session: The id of the session.

    Attributes:
        most: The most that was seen, MiB.
    """

    def __init__(self, session: int) -> None:
        self.most = 0.0
        self._session = session
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no longer."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_BETWEEN):
            self.most = max(self.most, sum(map(_share, _members(self._session))) / _MIB)


def _members(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stat = path.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[_SESSION]) == session:
            found.append(int(path.parent.name))
    return found


def _share(process: int) -> int:
    """KiB of a process, of a page that several have mapped only its part."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
