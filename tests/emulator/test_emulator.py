"""Pages, tokens and refusals of ListLogEntries as Google's real client sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.api_core import exceptions

from tests.emulator import Emulator
from tests.emulator.client import all_pages, ids, lines, page

if TYPE_CHECKING:
    from tests.emulator.conftest import Connect


def test_all_entries_come_once_in_order_over_as_many_pages_as_it_takes(connect: Connect) -> None:
    with Emulator(lines(2345)) as emulator:
        pages = all_pages(connect(emulator), page_size=1000)
        assert [len(part) for part in pages] == [1000, 1000, 345]
        assert [name for part in pages for name in part] == [f"id{number:05d}" for number in range(2345)]


def test_the_clients_own_pager_reads_to_the_end(connect: Connect) -> None:
    with Emulator(lines(120)) as emulator:
        client = connect(emulator)
        entries = list(client.list_log_entries({"resource_names": ["projects/shop"], "order_by": "timestamp desc"}))
        assert [entry.text_payload for entry in entries] == [f"line {number}" for number in reversed(range(120))]
        assert [call.entries for call in emulator.calls] == [50, 50, 20]


def test_ties_are_ordered_by_insert_id_in_both_orders(connect: Connect) -> None:
    entries = [{**entry, "timestamp": "2025-09-10T00:00:00.5Z"} for entry in lines(9)]
    with Emulator(entries) as emulator:
        client = connect(emulator)
        expected = [f"id{number:05d}" for number in range(9)]
        assert ids(page(client)) == expected
        assert [name for part in all_pages(client, order_by="timestamp desc", page_size=2) for name in part] == expected


def test_the_filter_is_the_servers_work_and_nothing_is_added_to_it(connect: Connect) -> None:
    with Emulator(lines(30)) as emulator:
        client = connect(emulator)
        assert ids(page(client, filter='textPayload="line 7" OR textPayload="line 9"')) == ["id00007", "id00009"]
        assert len(ids(page(client))) == 30, "entries older than a day are listed without a filter"


def test_only_entries_of_the_resources_asked_for_come_back(connect: Connect) -> None:
    with Emulator([*lines(3), *lines(2, project="shop-2")]) as emulator:
        client = connect(emulator)
        assert len(ids(page(client))) == 3
        assert len(ids(page(client, resource_names=["projects/shop", "projects/shop-2"]))) == 5
        view = "projects/shop-2/locations/global/buckets/_Default/views/_AllLogs"
        assert len(ids(page(client, resource_names=[view]))) == 2


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"resource_names": []}, "at least one resource"),
        ({"resource_names": ["shop"]}, "Name 'shop' is not a valid resource name"),
        ({"resource_names": ["projects/shop"] * 101}, "at most 100"),
        ({"page_size": -1}, "page_size"),
        ({"page_size": 1001}, "page_size"),
        ({"order_by": "severity desc"}, "order_by"),
        ({"order_by": "timestamp DESC"}, "order_by"),
        ({"filter": "x" * 20_001}, "20000 characters"),
        ({"filter": "severity>=ERROR AND ("}, "Unparseable filter: syntax error at line 1, column 22, token 'EOF'"),
        ({"page_token": "nonsense"}, "page_token is invalid"),
        ({"page_token": "AAAA" * 8}, "page_token is invalid"),
        ({"page_token": "ü"}, "page_token is invalid"),
        ({"page_token": "abcde"}, "page_token is invalid"),
    ],
)
def test_a_request_the_api_refuses_is_an_invalid_argument(connect: Connect, fields: dict[str, Any], text: str) -> None:
    with Emulator(lines(3)) as emulator:
        with pytest.raises(exceptions.InvalidArgument) as caught:
            page(connect(emulator), **fields)
        assert text in str(caught.value)
        assert emulator.calls[0].code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_filter_of_twenty_thousand_characters_is_taken(connect: Connect) -> None:
    with Emulator(lines(3)) as emulator:
        assert len(ids(page(connect(emulator), filter="line" + " " * 19_996))) == 3


def test_a_token_belongs_to_its_query(connect: Connect) -> None:
    with Emulator(lines(5)) as emulator:
        client = connect(emulator)
        token = page(client, page_size=2, filter="line").next_page_token
        for fields in ({"filter": "line OR x"}, {"order_by": "timestamp desc"}, {"resource_names": ["projects/other"]}):
            with pytest.raises(exceptions.InvalidArgument, match="page_token doesn't match"):
                page(client, token, **({"filter": "line"} | fields))
        assert ids(page(client, token, filter="line", page_size=3)) == ["id00002", "id00003", "id00004"]


def test_a_token_dies_after_a_day(connect: Connect) -> None:
    now = [1_757_500_000.0]
    with Emulator(lines(5), clock=lambda: now[0]) as emulator:
        client = connect(emulator)
        token = page(client, page_size=2).next_page_token
        now[0] += 24 * 3600
        assert len(ids(page(client, token))) == 3
        now[0] += 1
        with pytest.raises(exceptions.InvalidArgument, match="expired"):
            page(client, token)


def test_a_scan_limit_gives_short_and_empty_pages_that_carry_tokens(connect: Connect) -> None:
    with Emulator(lines(100), scan=30) as emulator:
        pages = all_pages(connect(emulator), filter='textPayload="line 40" OR textPayload="line 99"', page_size=1000)
        assert pages == [[], ["id00040"], [], ["id00099"]]


def test_a_page_ends_before_it_grows_too_large_but_one_entry_always_goes(connect: Connect) -> None:
    entries = [{**entry, "textPayload": "x" * 1000} for entry in lines(6)]
    with Emulator(entries, page_bytes=2500) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [2, 2, 2]
    with Emulator(entries, page_bytes=1) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [1] * 6


def test_large_pages_reach_a_client_that_takes_them(connect: Connect) -> None:
    entries = [{**entry, "textPayload": "x" * 9000} for entry in lines(900)]
    with Emulator(entries) as emulator:
        assert len(ids(page(connect(emulator), page_size=1000))) == 900


def test_a_project_that_does_not_exist_is_not_found(connect: Connect) -> None:
    with Emulator(lines(2), projects=["shop"]) as emulator:
        client = connect(emulator)
        assert len(ids(page(client))) == 2
        with pytest.raises(exceptions.NotFound, match="Project 'shoop' not found"):
            page(client, resource_names=["projects/shoop"])


def test_every_call_is_written_down(connect: Connect) -> None:
    with Emulator(lines(5), clock=lambda: 12.5) as emulator:
        client = connect(emulator)
        first = page(client, filter="line", page_size=4, order_by="timestamp desc")
        page(client, first.next_page_token, filter="line", page_size=4, order_by="timestamp desc")
        one, two = emulator.calls
        assert (one.number, one.time, one.filter, one.order_by) == (1, 12.5, "line", "timestamp desc")
        assert (one.page_size, one.page_token, one.entries) == (4, "", 4)
        assert one.resource_names == ("projects/shop",)
        assert one.next_page_token == two.page_token == first.next_page_token
        assert (two.number, two.entries, two.next_page_token) == (2, 1, "")


def test_a_taken_port_is_an_error_and_not_shared() -> None:
    with Emulator() as emulator, pytest.raises(RuntimeError):
        Emulator(port=int(emulator.host.rpartition(":")[2])).start()
