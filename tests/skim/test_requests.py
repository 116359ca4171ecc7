from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.matching import Matcher
from analyzer.model import Severity
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.sheets import Glance, HttpGlance
from analyzer.skim.payloads import Payloads
from analyzer.skim.requests import Requests
from analyzer.skim.texts import METHODS, Texts
from analyzer.skim.verdicts import WHOLLY, Verdict, Verdicts
from analyzer.traffic import failing, is_probe, route_of
from tests.matching.build import compare, contains, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.model import Entry

TEXTS = Texts([Need("message", Operator.CONTAINS, "/items/42"), Need("message", Operator.CONTAINS, "admin")])


def judged(entry: Entry) -> bool:
    return TEXTS.steady(entry.message) or (entry.request is not None and failing(entry.request) is not None)


def request(url: Any, status: Any = 200, method: Any = "GET", **fields: Any) -> HttpGlance:
    return HttpGlance(status=status, requestMethod=method, requestUrl=url, **fields)


class Judge:
    """Requests with the verdicts that they name; None for those to be decoded wholly."""

    def __init__(self, texts: Texts = TEXTS, nominated: Callable[[Entry], bool] = judged) -> None:
        self._verdicts = Verdicts()
        self._requests = Requests(texts, self._verdicts, nominated)

    def find(self, asked: Sequence[HttpGlance], severity: Any = "INFO") -> list[Verdict | None]:
        glances = [Glance(severity=severity, httpRequest=http) for http in asked]
        found = self._requests.find(glances, asked, [None] * len(asked))
        return [None if verdict == WHOLLY else self._verdicts.found[verdict] for verdict in found]


@pytest.mark.parametrize(
    ("http", "verdict"),
    [
        (request("https://a.example/users/17/cart?x=1"), Verdict("INFO", "/users/{id}/cart")),
        (request("/static/app.17.js"), Verdict("INFO", "/static/app.17.js")),
        (request("/static/app.18.js"), Verdict("INFO", "/static/app.18.js")),
        (request("/wp-login.php"), Verdict("INFO", None)),
        (request("/x", userAgent="Googlebot"), Verdict("INFO", None)),
        (request("/items/41"), Verdict("INFO", "/items/{id}")),
        (request("/items/42"), None),
        (request("/items/42?x=1"), None),
        (request("/x?y=/items/42"), Verdict("INFO", "/x")),
        (request("/admin"), None),
        (request("/x", 503), None),
        (request("/x", "200"), None),
        (request("/x", True), None),
        (request("/x", 200.0), None),
        (request("/x", [200]), None),
        (request("/x", method="get"), None),
        (request("/x", method=None), None),
        (request("/x", userAgent=7), None),
        (request("/x", userAgent=["x"]), None),
        (request("/a b"), None),
        (request(""), Verdict("INFO", "")),
        (request(7), None),
        (request(["x"]), None),
        (request(None), None),
        (HttpGlance(), None),
    ],
)
def test_a_request_is_judged_by_what_stands_in_it(http: HttpGlance, verdict: Verdict | None) -> None:
    judge = Judge()
    assert judge.find([http]) == [verdict]
    assert judge.find([http]) == [verdict]
    usual = request("/usual")
    assert judge.find([usual, http, usual]) == [Verdict("INFO", "/usual"), verdict, Verdict("INFO", "/usual")]
    assert judge.find([request(7), http]) == [None, verdict]


def test_no_requests_have_no_verdicts() -> None:
    assert Judge().find([]) == []


def test_values_that_python_takes_for_equal_are_judged_apart() -> None:
    judge = Judge()
    assert judge.find([request("/x", 200.0), request("/x", 200), request("/x", 200.0)])[::2] == [None, None]
    assert judge.find([request("/y", 200), request("/y", 200.0)]) == [Verdict("INFO", "/y"), None]
    assert judge.find([request("/z", 1), request("/z", True)]) == [Verdict("INFO", "/z"), None]


def test_paths_with_digits_outside_of_ids_are_counted_under_their_own_route() -> None:
    found = Judge().find([request(f"/v{number}/x/{number}") for number in (1, 2, 1, 23)])
    assert found == [Verdict("INFO", f"/v{number}/x/{{id}}") for number in (1, 2, 1, 23)]


def test_paths_that_differ_in_names_only_are_judged_once() -> None:
    judged_once: list[str] = []

    def nominates(entry: Entry) -> bool:
        judged_once.append(entry.message)
        return False

    names = [str(uuid.UUID(int=number << 90 | 0xB)) for number in range(16, 400)]
    found = Judge(TEXTS, nominates).find([request(f"/users/{name}/cart") for name in names])
    assert found == [Verdict("INFO", "/users/{id}/cart")] * len(names)
    assert len(judged_once) <= 2


def test_a_path_whose_name_may_hold_what_a_rule_looks_for_is_looked_at() -> None:
    judge = Judge(Texts([Need("message", Operator.CONTAINS, "add")]))
    assert judge.find([request("/x/3f2504e0c301a"), request("/x/3f2504e0c3add")]) == [Verdict("INFO", "/x/{id}"), None]


def test_what_a_load_balancer_says_of_a_request_counts_as_well() -> None:
    verdicts = Verdicts()
    payloads = Payloads(TEXTS, [], verdicts)
    requests = Requests(TEXTS, verdicts, judged)

    def found(said: str, status: int = 200, severity: str | None = "INFO", **fields: Any) -> Verdict | None:
        one = Glance(
            severity=severity, jsonPayload={"statusDetails": said, **fields}, httpRequest=request("/x", status)
        )
        assert one.httpRequest is not None
        (verdict,) = requests.find([one], [one.httpRequest], [payloads.said(one)])
        return None if verdict == WHOLLY else verdicts.found[verdict]

    assert found("response_sent_by_backend") == Verdict("INFO", "/x")
    assert found("response_sent_by_backend", 404, None) == Verdict("WARNING", "/x")
    assert found("response_sent_by_backend", 502) is None
    assert found("admin") is None
    assert found("seen /items/42") is None
    assert found("seen /items/43") == Verdict("INFO", "/x")
    assert found("closed", level="notice") == Verdict("NOTICE", "/x")


def test_many_different_requests_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.requests._MOST", 3)
    judge = Judge()
    for name in "abcdefgh":
        assert judge.find([request(f"/{name}")]) == [Verdict("INFO", f"/{name}")]
        assert judge.find([request(f"/{name}1.js")]) == [Verdict("INFO", f"/{name}1.js")]
    kept = judge._requests
    assert len(kept._alike) + len(kept._routes) <= 3 + 2


MATCHER = Matcher(
    [
        rule("line", contains("/items/42")),
        rule("whole", compare("message", "equals", "POST /t4 200")),
        rule("end", compare("message", "endswith", "x7 204")),
        rule("status", contains(" 418")),
        rule("negative", contains("x4 -5")),
        rule("word", contains("admin")),
        rule("path", compare("http.path", "startswith", "/api/v2")),
        rule("other path", compare("http.path", "equals", "/exact/9")),
        rule("not found", compare("http.status", "equals", 410)),
        rule("method", compare("http.method", "equals", "TRACE")),
    ]
)


def nominated(entry: Entry) -> bool:
    return (
        entry.severity >= Severity.ERROR
        or MATCHER.nominates_entry(entry)
        or (entry.request is not None and failing(entry.request) is not None)
    )


URLS = st.sampled_from(
    ["/", "", "/items/42", "/items/43", "/t4", "/x7", "/x4", "/api/v2/y", "/api/v1/y", "/exact/9", "/exact/8", "/ws/7"]
) | st.text("a/1?#. é٣", max_size=8)  # fmt: skip
ASKED = st.builds(
    HttpGlance,
    status=st.sampled_from([200, 204, 404, 410, 418, 426, 503, -5, 0, 5000, True, 200.0, "200", None, [1]]),
    requestMethod=st.sampled_from(METHODS) | st.sampled_from(["get", "", None, 5, ["GET"]]),
    requestUrl=URLS | st.builds("https://h1.example{}".format, URLS) | st.sampled_from([None, 4, "https://h4"]),
    userAgent=st.none() | st.sampled_from(["Mozilla/5.0", "Googlebot/2.1", 4]),
)
SEVERITIES = st.sampled_from(["INFO", None, "WARNING", "ERROR", "odd", 200, 500, True, ["INFO"]])


@settings(max_examples=300, deadline=None)
@given(st.lists(ASKED, max_size=12), SEVERITIES)
@example([request("/x4", -5)], "INFO")
@example([request("/api/v2/y")], "INFO")
@example([request("/exact/8"), request("/exact/9")], "INFO")
def test_what_is_passed_over_is_counted_as_when_decoded_wholly_and_nothing_nominates_it(
    asked: list[HttpGlance], severity: Any
) -> None:
    judge = Judge(Texts(MATCHER.scanner.needs), nominated)
    found = judge.find(asked, severity)
    assert found == judge.find(asked, severity)
    for http, verdict in zip(asked, found, strict=True):
        raw = {name: getattr(http, name) for name in http.__struct_fields__}
        entry = decode({"timestamp": "2025-09-10T00:33:54Z", "severity": severity, "httpRequest": raw})
        assert entry.request is not None
        if verdict is not None:
            assert verdict == Verdict(entry.severity.name, None if is_probe(entry.request) else route_of(entry.request))
            assert not nominated(entry)


@settings(max_examples=100, deadline=None)
@given(st.lists(ASKED, max_size=8), SEVERITIES)
def test_requests_are_judged_together_as_each_by_itself(asked: list[HttpGlance], severity: Any) -> None:
    texts = Texts(MATCHER.scanner.needs)
    alone = [
        verdict if type(http.status) is int else None
        for http in asked
        for verdict in Judge(texts, nominated).find([http], severity)
    ]
    together = Judge(texts, nominated).find(asked, severity)
    for verdict, other in zip(together, alone, strict=True):
        assert verdict in (other, None)
