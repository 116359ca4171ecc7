"""A way around redaction or escaping does not pass the type checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
from analyzer.redact import Redacted, Redactor
from analyzer.report.document import ReportedSource
from analyzer.safe import SafeText, code

raw = "password=hunter2"
redact = Redactor().redact
"""
BYPASSES = (
    'ReportedSource("file", raw, redact(raw), redact(raw))',
    "text: Redacted = raw",
    "text: Redacted = redact(raw) + raw",
    "safe: SafeText = raw",
    'safe: SafeText = code("x") + raw',
    "safe: SafeText = redact(raw)",
)
ALLOWED = (
    'ReportedSource("file", redact(raw), redact(raw), redact(raw))',
    "safe: SafeText = code(redact(raw))",
)


def errors_of(folder: Path, line: str) -> str:
    """What mypy says of one line."""
    path = folder / "snippet.py"
    path.write_text(HEAD + line + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False).stdout  # noqa: S603 (our own)


@pytest.mark.parametrize("line", BYPASSES)
def test_a_deliberate_bypass_is_found_by_the_type_checker(tmp_path: Path, line: str) -> None:
    found = errors_of(tmp_path, line)
    assert 'expected "Redacted"' in found or 'variable has type "' in found


@pytest.mark.parametrize("line", ALLOWED)
def test_redacted_and_safe_text_passes_it(tmp_path: Path, line: str) -> None:
    assert errors_of(tmp_path, line) == ""
