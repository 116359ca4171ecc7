"""ISA-L (https://github.com/intel/isa-l) where it is installed: zlib's format and interface, several times as fast."""

from __future__ import annotations

import zlib
from typing import Any

__all__ = ["deflate", "isal", "squeezed"]


def isal() -> Any:
    """What has zlib's interface; None where the extra that brings it is not installed."""
    try:
        from isal import isal_zlib  # noqa: PLC0415 - of an extra, and of no use to a small read
    except ImportError:
        return None
    return isal_zlib


def deflate() -> Any:
    """The quickest that there is of what has zlib's interface."""
    return isal() or zlib


def squeezed(data: bytes) -> bytes:
    """Data compressed: most of what is put aside is said over and over, and more than the least effort gains little."""
    found: bytes = deflate().compress(data, 1)
    return found
