"""Text made safe is still the text, and can be nothing else."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from analyzer.safe import (
    SafeText,
    cell,
    code,
    fence,
    html_text,
    inline_names,
    json_text,
    plain_names,
    prose,
    segments,
    slug,
    visible,
)

MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("`*_[]()<>!#|\\~@&:/.-+=\n $\x1b\u202e\u200b")), max_size=80
)


def _text_of(markdown: str, kind: str) -> list[str]:
    tokens = [token for block in MARKDOWN.parse(markdown) for token in [block, *(block.children or [])]]
    return [token.content for token in tokens if token.type == kind]


def _kinds(markdown: str) -> set[str]:
    return {token.type for block in MARKDOWN.parse(markdown) for token in [block, *(block.children or [])]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("abc\u202edef\u2066", "abc\\u202edef\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("a\rb\x00c\x7f\x85", "a\\x0db\\x00c\\x7f\\x85"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone \ud800", "lone \\ud800"),
        ("line\nand\ttab", "line\nand\ttab"),
        ("✗ ⚠️ é 漢字", "✗ ⚠️ é 漢字"),
    ],
)
def test_characters_that_hide_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_control_and_format_character_of_unicode_is_shown() -> None:
    hidden = [
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)) in ("Cc", "Cf", "Cs", "Zl", "Zp") and chr(point) not in "\n\t"
    ]
    assert [f"U+{ord(char):04X}" for char in hidden if visible(char) == char] == []


@given(HOSTILE)
@example("`` ` ```")
@example("`")
@example(" a ")
@example("  ")
def test_a_code_span_holds_the_whole_text_and_nothing_gets_out(text: str) -> None:
    found = _text_of(f"x {code(text)} y", "code_inline")
    line = visible(text).replace("\n", "\\n").replace("\t", " ")
    assert found == [line if line.strip() else "(blank)"]


def test_a_long_code_span_is_cut_and_says_so() -> None:
    assert code("abcdef", 4) == "`abc…`"


@given(HOSTILE)
@example("a|b")
@example("a\\|b")
def test_a_table_cell_stays_one_cell(text: str) -> None:
    parsed = _text_of(f"| A | B |\n|---|---|\n| {cell(text)} | end |\n", "inline")
    assert len(parsed) == 4
    assert parsed[-1] == "end"
    assert "|" not in re.sub(r"\\\|", "", cell(text))


@given(HOSTILE)
@example("```\n# out")
@example("``````")
@example("~~~\nx")
def test_a_fence_holds_the_whole_text_and_nothing_gets_out(text: str) -> None:
    blocks = MARKDOWN.parse(f"before\n\n{fence(text)}\n\nafter")
    assert [block.type for block in blocks].count("fence") == 1
    assert blocks[-2].content == "after"
    content = next(block.content for block in blocks if block.type == "fence")
    assert content.rstrip("\n") == visible(text).rstrip("\n")


ALLOWED = {"paragraph_open", "paragraph_close", "inline", "text", "code_inline", "text_special"}


@given(HOSTILE)
@example("![x](http://evil.example/y.png)")
@example("<img src=x onerror=alert(1)>")
@example("# heading")
@example("1. list")
@example("- list")
@example("__0__")
@example("---")
@example("| a | b |")
@example("**bold** _it_ ~~gone~~")
@example("[ref]: http://evil.example")
@example("a`b ``c` d``")
@example("`a``b`")
@example("1)")
def test_prose_is_nothing_but_text_and_code(text: str) -> None:
    assert _kinds(str(prose(text))) <= ALLOWED
    assert "\n" not in prose(text)


@given(HOSTILE)
@example("ping @octocat please")
@example("me@octocat")
@example("(@octocat)")
@example("fixes #1, closes GH-12 and org/repo#3")
@example("see https://evil.example/x or www.evil.example")
def test_prose_outside_of_code_mentions_links_and_closes_nothing(text: str) -> None:
    outside = " ".join(_text_of(str(prose(text)), "text") + _text_of(str(prose(text)), "text_special"))
    assert re.search(r"@|#\d|GH-\d|://|www\.", outside) is None


def test_plain_prose_and_its_code_spans_stay_as_they_are() -> None:
    text = "The validation found no `user_sessions` table (50 % of 3.5 s), password_reset_tokens isn't one."
    assert prose(text) == text


@given(HOSTILE)
def test_segments_lose_nothing_but_backticks(text: str) -> None:
    assert "".join(piece for _, piece in segments(text)).replace("`", "").replace(" ", "") == text.replace(
        "`", ""
    ).replace(" ", "")


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.data += data


@given(HOSTILE)
@example("<script>alert(1)</script>")
def test_html_text_is_only_text(text: str) -> None:
    collector = _Collector()
    collector.feed(f"<p>{html_text(text)}</p>")
    collector.close()
    assert collector.tags == ["p"]
    assert collector.data == visible(text)


@given(st.text())
@example("\u202e\U000e0041\x7f")
def test_json_says_the_same_and_hides_nothing(text: str) -> None:
    encoded = json_text(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(encoded) == {"a": text}
    assert visible(encoded) == encoded


@given(st.lists(HOSTILE, max_size=4))
def test_names_keep_only_harmless_characters(names: list[str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.:/, -]*", plain_names(names))
    assert re.fullmatch(r"[A-Za-z0-9_.:/, `-]*", inline_names(names))
    assert "://" not in plain_names(names)


def test_names_read_as_people_write_them() -> None:
    assert inline_names(["user_sessions", "auth.users"]) == "`user_sessions`, `auth.users`"
    assert plain_names(("user_sessions", "two words", "a`b")) == "user_sessions, two words, a_b"
    assert plain_names("users") == "users"


@given(HOSTILE)
@example("")
@example("CON")
@example("../../etc/passwd")
def test_a_slug_is_a_file_name_everywhere(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,80}", slug(text))


def test_a_slug_is_cut_between_words() -> None:
    assert slug("Database Table Migration Inconsistency") == "database_table_migration_inconsistency"
    assert slug("Über: größe!") == "uber_groe"
    assert slug("one two three", 9) == "one_two"
    assert slug("x" * 200, 10) == "x" * 10


def test_an_operation_on_safe_text_is_plain_text_again() -> None:
    assert isinstance(code("x"), SafeText)
    assert not isinstance(code("x") + "y", SafeText)
    assert not isinstance(code("x").upper(), SafeText)
