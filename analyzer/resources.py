"""Where the rule pack and the templates lie: inside the installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["rule_pack", "templates"]

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def rule_pack() -> Path:
    """The folder of the built-in rules."""
    return _folder("rules")


def templates() -> Path:
    """The folder of the built-in templates."""
    return _folder("templates")
