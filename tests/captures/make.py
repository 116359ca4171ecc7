"""Every scene by its name, and a way to write them out: ``python -m tests.captures.make FOLDER``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tests.captures import crashes, databases, hard, mixed, quiet
from tests.captures.stage import Expected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.captures.stage import Found, Stage

__all__ = ["SCENES", "make", "write"]

SCENES: Mapping[str, Callable[[], tuple[list[Found], Stage]]] = {
    **crashes.SCENES,
    **databases.SCENES,
    **quiet.SCENES,
    **hard.SCENES,
    **mixed.SCENES,
}


def make(name: str) -> tuple[list[dict[str, Any]], Expected]:
    """The entries of a scene as gcloud prints them, and what a reader should find in them."""
    found, stage = SCENES[name]()
    about = (SCENES[name].__doc__ or name).splitlines()[0]
    return stage.capture(), Expected(about=about, found=tuple(found))


def write(folder: Path) -> None:
    """Write ``NAME.json`` and ``NAME.expected.json`` of every scene."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        entries, expected = make(name)
        (folder / f"{name}.json").write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        text = msgspec.json.format(msgspec.json.encode(expected), indent=2)
        (folder / f"{name}.expected.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
