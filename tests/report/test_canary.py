"""Every text that a log, a rule or a source can hold is tried as an attack on every output."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from markdown_it import MarkdownIt

from analyzer.model import Coverage, Entry, Event, Match, Severity, SourceInfo
from analyzer.outcome import Cluster, Deploy, Incident, TimelineItem, Why
from analyzer.rule import Role
from tests.report.builders import COVERAGE, at, make_entry, make_incident, make_report, make_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.report import Report

PAYLOAD = (
    "`` ``` ` ```` ~~~ | <img src=x onerror=alert(1)> </pre></code><script>alert(1)</script> @octocat fixes #1 GH-2 "
    "[x](http://evil.example) ![y](z) **b** https://evil.example {{ 7 * 7 }} {% raw %} &lt; $x$ "
    "\x1b[31m \u202e \u200b \x00 \x07 \r\n# heading\n\n---\n- list\n```\n"
)
CANARY = re.compile(r"canary\d{4}")


class _Mint:
    """Hands out texts that each hold a canary of their own and the whole payload."""

    def __init__(self) -> None:
        self.minted: list[str] = []

    def __call__(self) -> str:
        canary = f"canary{len(self.minted):04d}"
        self.minted.append(canary)
        return f"{canary} {PAYLOAD}{canary}"

    def fill(self, value: Any) -> Any:
        """``value`` with every plain text field of a struct replaced; rules and numbers stay."""
        changes: dict[str, Any] = {}
        for field in msgspec.structs.fields(type(value)):
            current = getattr(value, field.name)
            if type(current) is str:
                changes[field.name] = self()
            elif isinstance(current, tuple) and current and all(type(item) is str for item in current):
                changes[field.name] = (self(), self())
        return msgspec.structs.replace(value, **changes)


def _match(mint: _Mint, role: Role, name: str, clock: str) -> Match:
    entry: Entry = mint.fill(make_entry("x", clock))
    event = Event(entries=(entry,), message=entry.message, severity=Severity.ERROR, root=mint())
    return Match(
        rule=make_rule(name, role, title=mint()), event=event, fields={"names": (mint(), mint()), "one": mint()}
    )


def _hostile(mint: _Mint) -> Report:
    cause = _match(mint, Role.FAILURE, "cause", "00:10:00")
    consequence = _match(mint, Role.CONSEQUENCE, "consequence", "00:10:01")
    state = _match(mint, Role.STATE, "state", "00:10:02")
    clear = _match(mint, Role.ALL_CLEAR, "clear", "00:09:59")
    incident: Incident = make_incident(
        cause, consequences=(consequence,), context=(clear, state), contradicts=(clear,), starts=4, period=7
    )
    incident = msgspec.structs.replace(
        incident,
        title=mint(),
        subject=mint(),
        services=(mint(), mint()),
        revisions=(mint(),),
        instances=(mint(),),
        entities={"names": (mint(), mint())},
        timeline=tuple(mint.fill(_item(match)) for match in (clear, cause, consequence)),
        deploy=Deploy(mint(), at("00:09:00"), failed_before=False, delay=60, insert_id=mint()),
        whys=(Why(mint(), mint(), mint()),),
        problem=mint(),
        impact=mint(),
        next_steps=(mint(), mint()),
        core_ids=(mint(),),
        consequence_ids=(mint(),),
        context_ids=(mint(),),
    )
    cluster = Cluster(
        id="a1b2c3d4e5f6",
        template=mint(),
        severity=Severity.ERROR,
        count=2,
        first=at("00:01:00"),
        last=at("00:02:00"),
        services=(mint(),),
        insert_ids=(mint(),),
        example=mint(),
    )
    coverage: Coverage = msgspec.structs.replace(COVERAGE, services={mint(): 3, mint(): 4}, notes=(mint(), mint()))
    source = SourceInfo(kind="file", name=mint(), filter=mint(), project=mint())
    return make_report([incident], [cluster], coverage=coverage, source=source)


def _item(match: Match) -> TimelineItem:
    return TimelineItem(
        time=match.time,
        last=match.time,
        phase="x",
        role=match.rule.role,
        rule=match.rule.name,
        text="x",
        quote="x",
        insert_ids=("x",),
    )


@pytest.fixture(scope="module")
def mint() -> _Mint:
    return _Mint()


@pytest.fixture(scope="module")
def report(mint: _Mint) -> Report:
    return _hostile(mint)


MARKDOWN_OUTPUTS: dict[str, Callable[[Report], str]] = {
    "the one debug log": lambda report: report.to_markdown(),
    "a debug log": lambda report: report.debug_log(report.incidents[0]),
    "several": lambda report: make_several(report).to_markdown(),
    "the index": lambda report: report.index(),
}
HARMLESS_ATTRIBUTE = re.compile(
    r"https://console\.cloud\.google\.com/logs/query;[\w%.;=?~-]+"  # the query is percent-encoded
    r"|[a-z0-9_]+\.md"  # a debug log beside the index
    r"|text-align:right"
)
QUIET = {
    *("paragraph_open", "paragraph_close", "heading_open", "heading_close", "strong_open", "strong_close", "em_open"),
    *("em_close", "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close", "list_item_open"),
    *(
        "list_item_close",
        "table_open",
        "table_close",
        "thead_open",
        "thead_close",
        "tbody_open",
        "tbody_close",
        "tr_open",
    ),
    *(
        "tr_close",
        "th_open",
        "th_close",
        "td_open",
        "td_close",
        "hr",
        "softbreak",
        "text",
        "code_inline",
        "fence",
        "inline",
    ),
    *("link_open", "link_close", "text_special"),
}


def make_several(report: Report) -> Report:
    incident = report.incidents[0]
    twin = msgspec.structs.replace(incident, fingerprint="feedfacefeedface", id="feedface")
    document = msgspec.structs.replace(report.document, incidents=[incident, twin])
    return msgspec.structs.replace(report, document=document)


@pytest.mark.parametrize("output", MARKDOWN_OUTPUTS)
def test_in_markdown_canaries_stand_only_in_text_code_and_fences(output: str, report: Report) -> None:
    text = MARKDOWN_OUTPUTS[output](report)
    assert len(CANARY.findall(text)) > 5
    blocks = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text)
    tokens = [token for block in blocks for token in [block, *(block.children or [])]]
    assert {token.type for token in tokens} <= QUIET
    for token in tokens:
        if token.type in ("text", "text_special"):
            assert re.search(r"@|#\d|GH-\d|://|<|\|", token.content) is None
        for value in token.attrs.values():
            assert HARMLESS_ATTRIBUTE.fullmatch(str(value))
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]", text) is None


@pytest.mark.parametrize("output", MARKDOWN_OUTPUTS)
def test_in_markdown_every_table_row_has_the_cells_of_its_heading(output: str, report: Report) -> None:
    text = MARKDOWN_OUTPUTS[output](report)
    html = MarkdownIt("commonmark").enable("table").render(text)
    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        rows = [len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
        assert len(set(rows)) == 1
        assert "<th></th>" not in table.partition("</thead>")[0]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("meta", "link", "br", "img", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))


def test_in_html_canaries_stand_only_in_text(report: Report) -> None:
    page = _Page()
    text = make_several(report).to_html()
    page.feed(text)
    page.close()
    assert page.open == []
    assert page.tags.isdisjoint({"script", "img", "iframe", "object", "link", "svg", "form", "base"})
    assert len(CANARY.findall(text)) > 50
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        if "canary" in (value or ""):
            assert (tag, name) == ("a", "href")
            assert (value or "").startswith("https://console.cloud.google.com/logs/query;")
    assert [tag for tag, data in page.texts if "canary" in data and tag in ("style", "title", "script")] == []
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]", text) is None


def test_in_text_nothing_reaches_the_terminal_that_it_would_obey(report: Report) -> None:
    text = report.to_text()
    assert len(CANARY.findall(text)) > 20
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", text) is None
    assert set(re.findall(r"\x1b.*?m", report.to_text(colour=True))) <= {
        f"\x1b[{c}m" for c in ("0", "1", "2", "1;31", "31", "33", "36")
    }


def test_in_json_every_text_comes_back_and_nothing_is_hidden(report: Report, mint: _Mint) -> None:
    text = report.to_json()
    assert set(CANARY.findall(text)) >= set(mint.minted[:1])
    assert msgspec.to_builtins(report.document) == json.loads(text)
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", text) is None


def test_a_file_name_is_made_of_harmless_characters(report: Report) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,100}\.md", report.debug_log_name(report.incidents[0]))
