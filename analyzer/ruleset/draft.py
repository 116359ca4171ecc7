"""A rule file for an error that no rule knows: what stays the same in it, a test that matches, and look-alikes.

It is a beginning: what the rule is called, its category and its words are a person's to set, and the file says so.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import yaml

from analyzer.model import Severity
from analyzer.rule import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.outcome import Cluster

__all__ = ["draft", "fixed_parts"]

_NAMESPACE = uuid.UUID("6f1d2a52-52a0-4d0e-a5f2-8b3f0d7d2c11")
_SHORTEST = 4
_LONGEST = 120
_MOST_PARTS = 4
_LOOK_ALIKES = 2
_WORD = re.compile(r"[A-Za-z]{3,}")
# Sigma's wildcards would need escapes, and what JSON writers spell differently is no literal to search raw lines for.
_UNFIT = re.compile(r"""[*?\\"'<>&=\x00-\x1f]|[^\x20-\x7e]""")
_LEVELS = {Severity.ERROR: Level.HIGH}


def draft(cluster: Cluster, example: str, others: Iterable[str]) -> str:
    """The text of a rule file.

    Args:
        cluster: The unknown error.
        example: One of its messages, redacted; the matching test is made of it.
        others: Other messages of the same capture, redacted; those most like the error become the look-alikes.

    Returns:
        YAML that ``rules check`` and ``rules test`` pass as it is.

    Raises:
        ValueError: The message has no words that stay the same.
    """
    parts = fixed_parts(cluster.template, example)
    if not parts:
        raise ValueError("nothing in its messages stays the same that a rule could look for")
    words = _WORD.findall(" ".join(parts))
    name = "_".join(word.lower() for word in words[:5]) or f"error_{cluster.id}"
    rule = {
        "title": " ".join(words[:8]).capitalize() or f"Error {cluster.id}",
        "id": str(uuid.uuid5(_NAMESPACE, cluster.id)),
        "name": name,
        "status": "experimental",
        "description": f"Drafted from {cluster.count} errors that no rule knew.",
        "logsource": {"product": "gcp", "service": "application"},
        "detection": {"error": _search(parts), "condition": "error"},
        "level": _LEVELS.get(cluster.severity, Level.CRITICAL).word,
        "loganalyze": {
            "category": "other",
            "role": "failure",
            "tests": [
                {"name": "as it was logged", "message": example, "expect": {"match": True}},
                *(
                    {
                        "name": f"a look-alike of the same capture ({number})",
                        "message": text,
                        "expect": {"match": False},
                    }
                    for number, text in enumerate(look_alikes(parts, example, others), 1)
                ),
            ],
        },
    }
    return _HEADER + yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=110)


_HEADER = """\
# Drafted by `loganalyze rules draft`. Set title, category, level and role; say what it means under `problem` and
# `impact`; then run `loganalyze rules check FILE` and `loganalyze rules test FILE`. docs/rules.md tells of every key.
"""


def fixed_parts(template: str, example: str) -> list[str]:
    """The longest pieces of a template that every message of it holds and that can be searched for as they are.

    Args:
        template: The template, with ``<*>`` for what varies; of several lines joined by `` / ``.
        example: A message; pieces that it does not hold (white space folded, something redacted) are left out.
    """
    pieces = (piece.strip(" ,.;:-()[]{}") for part in re.split(r"<\*>| / ", template) for piece in _UNFIT.split(part))
    long_enough = {piece[:_LONGEST] for piece in pieces if len(piece) >= _SHORTEST and _WORD.search(piece)}
    held = [piece for piece in long_enough if piece.lower() in example.lower()]
    chosen = sorted(held, key=lambda piece: (-len(piece), piece))[:_MOST_PARTS]
    return sorted(chosen, key=lambda piece: example.lower().index(piece.lower()))


def look_alikes(parts: Sequence[str], example: str, others: Iterable[str]) -> list[str]:
    """The messages that share most words with the error and do not hold all of its parts; never none."""
    words = set(_WORD.findall(example.lower()))
    found: dict[str, float] = {}
    for text in others:
        lower = text.lower()
        if text and not all(part.lower() in lower for part in parts):
            own = set(_WORD.findall(lower))
            found[text] = len(own & words) / max(len(own | words), 1)
    best = sorted(found, key=lambda text: (-found[text], len(text), text))[:_LOOK_ALIKES]
    return best or ["0 errors, all is well"]


def _search(parts: Sequence[str]) -> dict[str, Any]:
    if len(parts) == 1:
        return {"message|contains": parts[0]}
    return {"message|contains|all": list(parts)}
