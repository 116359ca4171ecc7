"""What a figure was measured on, and when."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from analyzer.version import __version__

__all__ = ["stamp"]

_TOLD = ("google-re2", "hyperscan", "msgspec", "polars", "duckdb")


def stamp() -> dict[str, str | float]:
    """The date (UTC), the machine, its load before the runs, and the versions of what is compared."""
    versions = [f"loganalyze {__version__}", f"Python {platform.python_version()}", _ripgrep(), *map(_package, _TOLD)]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {_model()}, {_memory()} GiB; {platform.system()} {platform.machine()}",
        "versions": ", ".join(filter(None, versions)),
        "load": round(os.getloadavg()[0], 2),
    }


def _model() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _memory() -> int:
    if sys.platform == "win32":
        return 0
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _ripgrep() -> str:
    if shutil.which("rg") is None:
        return ""
    printed = subprocess.run(["rg", "--version"], capture_output=True, text=True, check=True).stdout
    return printed.partition("\n")[0]


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""
