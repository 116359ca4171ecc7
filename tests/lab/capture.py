"""The noun Capture: what a scenario printed, as it is committed under ``captures/<tool>/<scenario>.json``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.lab.scenario import Expected

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CAPTURES", "Capture", "read_all", "write"]

CAPTURES = Path(__file__).parent / "captures"


class Capture(msgspec.Struct, frozen=True):
    """What one scenario printed.

    Attributes:
        tool: The tool's name.
        scenario: The scenario's name.
        about: What was done to the tool.
        version: Versions of the tool and of what stands under it.
        command: The command line, machine paths replaced.
        status: Its exit status; negative for a signal, as ``subprocess`` has it.
        expected: What the rules have to say.
        lines: ``(stream, text)`` in the order they arrived.
    """

    tool: str
    scenario: str
    about: str
    version: str
    command: str
    status: int
    expected: Expected
    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(text for _, text in self.lines)

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return CAPTURES / self.tool / f"{self.scenario}.json"


def read_all(folder: Path = CAPTURES) -> Iterator[Capture]:
    """The committed captures, by tool and scenario."""
    for path in sorted(folder.glob("*/*.json")):
        yield msgspec.json.decode(path.read_bytes(), type=Capture)


def write(capture: Capture) -> None:
    """Write a capture: one line of output a line, so that a difference reads as one."""
    head = msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(capture), "lines": []}), indent=2).decode()
    lines = ",\n".join("    " + msgspec.json.encode(list(line)).decode() for line in capture.lines)
    text = head.replace('"lines": []', f'"lines": [\n{lines}\n  ]' if lines else '"lines": []')
    capture.path.parent.mkdir(parents=True, exist_ok=True)
    capture.path.write_text(text + "\n", encoding="utf-8")
