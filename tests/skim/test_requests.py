from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.sheets import Glance, HttpGlance, stamp_of
from analyzer.skim.requests import Requests, Verdict, latency_of
from analyzer.skim.texts import Texts, without_digits
from analyzer.times import parse_timestamp
from analyzer.traffic import failing

if TYPE_CHECKING:
    from analyzer.model import Entry

TEXTS = Texts([Need("message", Operator.CONTAINS, "/items/42"), Need("message", Operator.CONTAINS, "admin")])


def judged(entry: Entry) -> bool:
    return TEXTS.steady(entry.message) or (entry.request is not None and failing(entry.request) is not None)


def request(url: Any, status: Any = 200, **fields: Any) -> Glance:
    return Glance(severity="INFO", httpRequest=HttpGlance(status=status, requestMethod="GET", requestUrl=url, **fields))


@pytest.mark.parametrize(
    ("glance", "verdict"),
    [
        (request("https://a.example/users/17/cart?x=1"), Verdict("INFO", "/users/{id}/cart")),
        (request("/static/app.17.js"), Verdict("INFO", "/static/app.17.js")),
        (request("/static/app.18.js"), Verdict("INFO", "/static/app.18.js")),
        (request("/wp-login.php"), Verdict("INFO", None)),
        (request("/x", userAgent="Googlebot"), Verdict("INFO", None)),
        (request("/items/41"), Verdict("INFO", "/items/{id}")),
        (request("/items/42"), None),
        (request("/admin"), None),
        (request("/x", 503), None),
        (request("/x", "200"), None),
        (request("/x", True), None),
        (request(7), None),
        (request(["x"]), None),
        (Glance(), None),
    ],
)
def test_a_request_is_judged_by_what_stands_in_it(glance: Glance, verdict: Verdict | None) -> None:
    requests = Requests(TEXTS, judged)
    assert requests.verdict(glance) == verdict
    assert requests.verdict(glance) == verdict


def test_many_different_requests_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.requests._MOST", 3)
    requests = Requests(TEXTS, judged)
    for name in "abcdefgh":
        assert requests.verdict(request(f"/{name}")) == Verdict("INFO", f"/{name}")


LATENCIES = st.from_regex(r"[0-9]{1,6}(\.[0-9]{0,10})?s?", fullmatch=True) | st.text("0123456789.se ٢-", max_size=6)


@given(LATENCIES)
def test_a_latency_is_read_as_when_decoded_wholly_or_not_at_all(text: str) -> None:
    found = latency_of(text)
    if found is not None:
        raw = {"timestamp": "2025-09-10T00:33:54Z", "httpRequest": {"status": 200, "latency": text}}
        entry = decode(raw)
        assert entry.request is not None
        assert found == entry.request.latency


@pytest.mark.parametrize(("value", "latency"), [(None, 0), ("0.5s", 500_000_000), ("2s", 2 * 10**9), (3, None)])
def test_latencies(value: Any, latency: int | None) -> None:
    assert latency_of(value) == latency


@given(st.from_regex(r"2025-09-1[0-9]T0[0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,10})?[Zz+]?", fullmatch=True))
def test_times_are_read_as_when_decoded_wholly(text: str) -> None:
    try:
        expected: int | None = parse_timestamp(text)
    except ValueError:
        expected = None
    seconds: dict[str, int] = {}
    assert stamp_of(text, seconds) == expected
    assert stamp_of(text, seconds) == expected


def test_only_digits_are_levelled() -> None:
    assert without_digits("a1b29-٣") == "a0b00-٣"
    assert TEXTS.numbered("GET /ITEMS/42 200")
    assert not TEXTS.numbered("GET /items/4 200")
    assert not TEXTS.numbered("no digit, admin")
