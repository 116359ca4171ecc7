"""The same capture as another hour would have written it: shuffled, doubled, with other revisions, ids and numbers."""

from __future__ import annotations

import json
import random
import re
from typing import Any

__all__ = ["doubled", "renamed", "shuffled"]

Entries = list[dict[str, Any]]


def shuffled(entries: Entries) -> Entries:
    """The entries in another order."""
    mixed = list(entries)
    random.Random(7).shuffle(mixed)
    return mixed


def doubled(entries: Entries) -> Entries:
    """Every third entry twice, as overlapping exports have it."""
    return [copy for n, entry in enumerate(entries) for copy in ([entry] * (2 if n % 3 == 0 else 1))]


def renamed(entries: Entries) -> Entries:
    """Other insertIds, instances, revisions, traces, process ids and durations; nothing that a person would name."""
    text = json.dumps(entries)
    text = re.sub(r'"insertId": "([0-9a-f]+)"', lambda found: f'"insertId": "{_other(found[1])}"', text)
    text = re.sub(r'"instanceId": "([0-9a-f]+)"', lambda found: f'"instanceId": "{_other(found[1])}"', text)
    text = re.sub(r"/traces/([0-9a-f]{32})", lambda found: f"/traces/{_other(found[1])}", text)
    text = re.sub(r"-000(\d\d)-([a-z]{3})\b", lambda found: f"-001{found[1]}-{found[2][::-1]}", text)
    text = re.sub(r"\(pid: ?\d+\)", "(pid:99)", text)
    return list(json.loads(re.sub(r"\+0000\] \[\d+\]", "+0000] [88]", text)))


def _other(digits: str) -> str:
    """Digits that stay distinct and in order, so that ties in time are broken as before."""
    return "f" + digits[1:] if digits[0] == "e" else digits[:1] + digits[1:].translate(str.maketrans("0123", "1230"))
