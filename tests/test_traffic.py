from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.incidents import Outages
from analyzer.model import Event, Request
from analyzer.traffic import BUCKET, Failing, Traffic, failing, is_probe, route_of
from tests.incidents.builders import event


def request(path: str, status: int, *, at: float, agent: str = "") -> Event:
    happened = event(f"GET {path} {status}", at=at)
    entry = msgspec.structs.replace(
        happened.first, request=Request(method="GET", path=path, status=status, user_agent=agent)
    )
    return msgspec.structs.replace(happened, entries=(entry,))


def told(requests: list[Event]) -> dict[str, int]:
    traffic = Traffic()
    for one in requests:
        traffic.add(one.first)
    outages = Outages(traffic.stretches())
    return dict(Counter(match.rule.name for one in requests if (match := outages.match(one)) is not None))


def test_a_stretch_of_server_errors_is_told_with_every_request() -> None:
    requests = [request("/orders", 503, at=n) for n in range(12)] + [request("/health", 200, at=n) for n in range(12)]
    assert told(requests) == {"requests_failing": 12}


def test_a_single_server_error_is_not_told() -> None:
    assert told([request("/orders", 500, at=0)] + [request("/orders", 200, at=n) for n in range(5)]) == {}


def test_a_path_whose_requests_are_nearly_all_refused_is_told_and_a_mixed_one_is_not() -> None:
    refused = [request("/me", 401, at=n) for n in range(19)] + [request("/me", 200, at=19)]
    assert told(refused) == {"requests_refused": 19}
    mixed = [request("/me", 401 if n % 2 else 200, at=n) for n in range(20)]
    assert told(mixed) == {}


def test_what_scanners_and_crawlers_ask_for_is_not_told() -> None:
    probes = [request(path, 403, at=n) for n in range(9) for path in ("/.env", "/wp-login.php", "/admin/x.php")]
    assert told(probes) == {}
    assert told([request("/p", 500, at=n, agent="Mozilla/5.0 (compatible; Googlebot/2.1)") for n in range(9)]) == {}


def test_refused_websocket_upgrades_are_told_apart_from_refused_requests() -> None:
    assert told([request("/ws/chat", 403, at=n) for n in range(4)]) == {"websocket_upgrades_refused": 4}


def test_not_found_and_bad_requests_are_the_senders_fault() -> None:
    assert failing(Request("GET", "/x", 404)) is None
    assert failing(Request("POST", "/x", 400)) is None
    assert failing(Request("GET", "/x", 504)) is Failing.TIMEOUT


def test_failures_long_apart_are_two_stretches() -> None:
    traffic = Traffic()
    for at in (0, 1, 2, 1000, 1001):
        traffic.add(request("/a", 500, at=at).first)
    stretches = list(traffic.stretches())
    assert [(stretch.failed, stretch.total) for stretch in stretches] == [(3, 3), (2, 2)]


def test_the_share_counts_every_request_between_the_first_and_the_last_failure() -> None:
    requests = [request("/a", 500 if n in {20, 40} else 200, at=n) for n in range(60)]
    traffic = Traffic()
    for one in requests:
        traffic.add(one.first)
    (stretch,) = traffic.stretches()
    assert stretch.failed == 2
    assert stretch.total == 30


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["/a", "/b"]),
            st.sampled_from([200, 404, 500, 504]),
            st.floats(0, 900).map(lambda at: round(at, 1)),
        ),
        max_size=30,
    )
)
def test_requests_of_one_bucket_are_counted_together_as_each_by_itself(
    some: list[tuple[str, int, float]],
) -> None:
    single, together = Traffic(), Traffic()
    groups: dict[tuple[str, Failing | None, int], list[int]] = {}
    for path, status, at in some:
        entry = request(path, status, at=at).first
        single.add(entry)
        assert entry.request is not None
        groups.setdefault((path, failing(entry.request), entry.time // BUCKET), []).append(entry.time)
    for (path, way, _), times in groups.items():
        together.count(together.place("api", path), (min(times), max(times)), way, len(times))
    assert sorted(together.stretches()) == sorted(single.stretches())


def test_routes_beyond_the_most_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.traffic._MOST_ROUTES", 2)
    traffic = Traffic()
    for path in ("/a", "/b", "/c", "/d", "/a"):
        traffic.add(request(path, 500, at=1).first)
    assert {stretch.route: stretch.failed for stretch in traffic.stretches()} == {"/a": 2, "/b": 1, "*": 2}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/users/42/orders", "/users/{id}/orders"),
        ("/u/3f2b8c1e-aaaa-bbbb-cccc-1234567890ab?x=1", "/u/{id}"),
        ("/api/v1/threads", "/api/v1/threads"),
        ("/", "/"),
    ],
)
def test_ids_in_a_path_do_not_make_routes(path: str, route: str) -> None:
    assert route_of(Request("GET", path, 200)) == route


def test_an_ordinary_path_is_no_probe() -> None:
    assert not is_probe(Request("GET", "/api/robots", 200))
