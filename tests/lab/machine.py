"""What differs from machine to machine and from run to run, taken out of what a tool printed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["HOME", "NODE", "PYTHON", "ROOT", "Plain"]

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".lab"
PYTHON = HOME / "venv" / "bin" / "python"
NODE = HOME / "npm" / "node_modules"

_TIME = re.compile(r"(?<!\d)20\d\d-(?:0\d|1[0-2])-[0-3]\d([ T])[0-2]\d:[0-5]\d:[0-5]\d((?:[.,]\d+)?)")
_SLASHED = re.compile(r"\[\d\d/[A-Z][a-z]{2}/20\d\d[: ]\d\d:\d\d:\d\d")
_ENGLISH = re.compile(r"[A-Z][a-z]+ \d\d, 20\d\d - \d\d:\d\d:\d\d")
_CLOCK = re.compile(r"(?<=\[)\d{1,2}:\d\d:\d\d [AP]M(?=\])")
_MILLISECONDS = re.compile(r"\b\d+(?:\.\d+)?( ?ms)\b")
_SECONDS = re.compile(r"\b\d+\.\d{2,9}s\b")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_CLIENT = re.compile(r"(?<=127\.0\.0\.1:)\d{5}(?= - )")
_LEFT_OUT = re.compile(r"setpriv --\S+ --\S+ --clear-groups -- ")
_COUNTED = tuple(
    (re.compile(pattern), base)
    for pattern, base in (
        (r"(?<=\[)\d{2,7}(?=\])", 20),
        (r"(?<=[Pp]rocess )\d{2,7}\b", 20),
        (
            r"(?i:(?<=\(pid )|(?<=\(pid:)|(?<=pid: ))\d{2,7}\b|(?<= \()\d{4,7}(?=\)$)",
            20,
        ),
        (r"(?<=transaction )\d{3,7}\b", 801),
        (r"(?<=relation )\d{5,7}\b", 16401),
        (r"(?<=of database )\d{5,7}\b", 16384),
    )
)


class Plain:
    """Replaces what is this machine's or this run's; the same number always becomes the same number.

    Args:
        words: Text to replace, longest first: folders, ports, host names.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        base = {
            str(HOME / "venv" / "lib"): "/srv/venv/lib",
            str(HOME / "venv"): "/srv/venv",
            str(NODE): "/app/node_modules",
            str(HOME): "/srv",
            str(ROOT): "/srv/src",
            sys.base_prefix: "/usr/local",
            str(Path.home()): "/home/app",
        }
        self._words = sorted({**base, **words}.items(), key=lambda pair: -len(pair[0]))
        self._seen: dict[tuple[int, str], str] = {}

    def __call__(self, text: str) -> str:
        """The text as another machine would have printed it."""
        for old, new in self._words:
            pattern = rf"(?<!\d){old}(?!\d)" if old.isdigit() else re.escape(old)
            text = re.sub(pattern, lambda _, new=new: new, text)  # type: ignore[misc]
        text = _TIME.sub(lambda found: f"2026-03-02{found[1]}09:30:00{_zeros(found[2])}", text)
        text = _SLASHED.sub("[02/Mar/2026:09:30:00", text)
        text = _ENGLISH.sub("March 02, 2026 - 09:30:00", text)
        text = _CLOCK.sub("9:30:00 AM", text)
        text = _CLIENT.sub("51034", text)
        text = _ADDRESS.sub("0x7f0000000000", text)
        text = _SECONDS.sub("0.012s", _MILLISECONDS.sub(r"12\1", text))
        for numbers, base in _COUNTED:
            text = numbers.sub(self._counter(base), text)
        return _LEFT_OUT.sub("", text).rstrip()

    def _counter(self, base: int) -> Callable[[re.Match[str]], str]:
        def count(found: re.Match[str]) -> str:
            known = sum(1 for kind, _ in self._seen if kind == base)
            return self._seen.setdefault((base, found[0]), str(base + known))

        return count


def _zeros(fraction: str) -> str:
    return fraction[:1] + "0" * (len(fraction) - 1)
