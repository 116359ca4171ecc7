"""What is hidden in a message is hidden wherever a report tells of it: in titles, names, templates and quotes."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer import analyze
from analyzer.redact import Redactor
from analyzer.ruleset.load import load_rules
from tests.test_redact import KEY, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHORTEST = 8
"""Characters of a secret that stand nowhere by chance, and of which no report may have so many in a row."""


@functools.cache
def messages() -> Sequence[str]:
    """The texts that the rules of the pack are tested with."""
    entries = [one for rule in load_rules([]).rules for case in rule.tests for one in case.entries]
    return [one["textPayload"] for one in entries if isinstance(one.get("textPayload"), str)]


PLAIN = tuple(part for _, parts in KNOWN.values() for part in parts if part.isalpha() and len(part) < 16)
"""Passwords that are plain words: in a title, such a word may be a table's or one of the rule's own."""

UNKNOWN = ("ERROR: the till caught fire", f"ERROR: {'far ' * 480}gone", f"ERROR: {'far ' * 494}gone")
"""Errors that no rule knows, of which reports make templates, and titles out of these."""

SYMPTOM = "[2025-09-10 00:33:59 +0000] [1] [ERROR] Worker failed to boot."
"""What makes an incident of an error that no rule knows."""


@st.composite
def told(draw: st.DrawFn) -> tuple[str, str]:
    """A message with a secret somewhere in it, and the secret's name."""
    name = draw(st.sampled_from(sorted(KNOWN)))
    lines = draw(st.sampled_from(UNKNOWN) | st.sampled_from(messages())).split("\n")
    place = draw(st.integers(0, len(lines) - 1))
    words = lines[place].split(" ")
    words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from(["{}", "({})", "'{}'", "{}:"])))
    lines[place] = " ".join(words).replace("{}", KNOWN[name][0], 1)
    return "\n".join(lines), name


def outputs(some: Sequence[str]) -> Iterator[str]:
    entries = [
        {
            "insertId": f"id-{place}",
            "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
            "timestamp": f"2025-09-10T00:33:5{place}Z",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api"}},
            "textPayload": text,
        }
        for place, text in enumerate(some)
    ]
    report: Any = analyze(entries)
    yield from (report.to_markdown(), report.to_html(), report.to_json(), report.to_text())
    for incident in report.incidents:
        yield report.debug_log(incident)
        yield report.debug_log_name(incident)


@settings(max_examples=50, deadline=None)
@given(st.lists(told(), min_size=1, max_size=3), st.sampled_from([[], [SYMPTOM]]))
def test_what_a_message_hides_no_report_tells(some: list[tuple[str, str]], more: list[str]) -> None:
    texts = [*(text for text, _ in some), *more]
    shown = [Redactor(KEY).redact(text) for text in texts]
    pieces = {
        form[start : start + SHORTEST]
        for _, name in some
        for part in KNOWN[name][1]
        for form in (part, re.sub(r"\d+", "_", part), re.sub(r"\d+", "<*>", part))
        for start in range(len(form) - SHORTEST + 1)
    }
    telling = (piece for piece in pieces if sum(map(str.isalnum, piece)) > SHORTEST // 2)
    hidden = [piece for piece in telling if not any(piece in text for text in (*shown, *messages(), *PLAIN))]
    for output in outputs(texts):
        assert [part for part in hidden if part in output] == []
