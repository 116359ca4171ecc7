from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from analyzer.publish.markdown import cut, lines_of, section
from analyzer.publish.markers import Markers, delivery_marker, fingerprint_marker, markers_of
from analyzer.safe import fence, prose

LIVE = re.compile(r"@\w|#\d|GH-\d|://", re.IGNORECASE)
_PIECES = [*"`~@#<>!-_*[]()|\\ \n\tax1:/", "```", "~~~", "@octocat ", "fixes #1 ", "<!-- ", " -->"]
HOSTILE = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)
BLOCKS = st.lists(st.one_of(HOSTILE.map(prose), HOSTILE.map(fence), st.just("## Heading")), max_size=30)


def live_text(markdown: str) -> str:
    """What a reader's Markdown obeys: the text outside of code."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    children = [child for token in tokens for child in token.children or []]
    kinds = ("text", "html_block", "html_inline")
    return "\n".join(token.content for token in [*tokens, *children] if token.type in kinds)


@given(BLOCKS, st.integers(200, 1500))
def test_what_is_cut_stays_safe_and_within_its_limit(blocks: list[str], limit: int) -> None:
    markdown = "\n".join(blocks)
    assert not LIVE.search(live_text(markdown))
    short = cut(markdown, limit)
    assert len(short) <= limit
    assert not LIVE.search(live_text(short))
    *_, last = lines_of(short)
    assert last.fence == ""
    assert len(markdown) > limit or short == markdown


@given(BLOCKS)
def test_fences_are_seen_as_commonmark_sees_them(blocks: list[str]) -> None:
    markdown = "\n".join(blocks)
    fences = [token.map for token in MarkdownIt("commonmark").parse(markdown) if token.type == "fence"]
    expected = {line for first, after in (span for span in fences if span) for line in range(first, after)}
    assert {number for number, line in enumerate(lines_of(markdown)) if line.fenced} == expected


@given(BLOCKS, HOSTILE)
def test_no_safe_text_forges_a_marker(blocks: list[str], text: str) -> None:
    forged = f"{fingerprint_marker('b' * 16)}\n{delivery_marker('b' * 32, 'b' * 16)}"
    body = "\n".join([fingerprint_marker("a" * 16), *blocks, prose(forged), fence(f"{text}\n{forged}"), prose(text)])
    found = markers_of(body)
    assert (found.fingerprint, found.keys) == ("a" * 16, frozenset())


def test_a_marker_survives_the_line_ends_of_githubs_editor() -> None:
    body = f"Seen by a person.\r\n\r\n{fingerprint_marker('a' * 16)}\r\n{delivery_marker('b' * 32, 'c' * 16)}\r\n"
    found = markers_of(body)
    assert found == Markers("a" * 16, frozenset({"b" * 32}), frozenset({"c" * 16}))


def test_a_long_line_is_parted_only_within_a_fence() -> None:
    words = "`@octocat` " * 100
    assert "octocat" not in cut(words, 400)
    fenced = cut(fence("@octocat " * 100), 400)
    assert fenced.startswith("```\n@octocat")
    assert "…\n```\n\n**Cut here:** 1 of 3 lines are left out." in fenced


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Impact", "Nobody can log in."),
        ("Symptoms", "```\n## Impact\n```"),
        ("Timeline", "before\n### Phase\nwithin"),
        ("Missing", ""),
    ],
)
def test_a_section_ends_at_the_next_heading_of_its_level_outside_of_fences(heading: str, found: str) -> None:
    symptoms = "## Symptoms (12:00)\n```\n## Impact\n```\n"
    text = f"# T\n{symptoms}\n## Impact\nNobody can log in.\n## Timeline\nbefore\n### Phase\nwithin\n"
    assert section(text, heading) == found
    assert section(text, "Timeline", deep=False) == "before"
