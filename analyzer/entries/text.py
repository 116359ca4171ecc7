r"""Text as a person would read it: without colour codes, tracebacks on lines of their own, no lone surrogates."""

from __future__ import annotations

import re

from analyzer.regex import scrub

__all__ = ["clean"]

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\^_])|#033\[[0-9;]*m")
_SPELLED_ANSI = re.compile(r"\\(?:u001b|x1b|033|e)\[[0-9;]*m", re.IGNORECASE)
_FOLDED = re.compile(
    r"\\n(?:\\t|\s)*(?:File \\?\"|at \S|\.\.\. \d+ more|from \S+:\d+|Caused by:|goroutine \d)"
    r"|\(most recent call last\):\\n"
)


def clean(text: str) -> str:
    r"""``text`` without colour codes, with ``\n`` for line ends, and no white space at its end.

    A traceback that came in one line with a literal ``\n`` between its lines is unfolded; elsewhere these two
    characters are left as they are.
    """
    if "\x1b" in text or "#033[" in text:
        text = _ANSI.sub("", text)
    if "\\" in text:
        text = _SPELLED_ANSI.sub("", text)
        if "\\n" in text and _FOLDED.search(text):
            text = text.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    text = text.rstrip()
    return text if text.isascii() else scrub(text)
