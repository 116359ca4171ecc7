"""Every fault of the emulator, at its call, as Google's real client sees it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from google.api_core import exceptions

from tests.emulator import Emulator, Fault
from tests.emulator.client import all_pages, ids, lines, page

if TYPE_CHECKING:
    from tests.emulator.conftest import Connect


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (Fault.unavailable(2), exceptions.ServiceUnavailable, "unavailable"),
        (Fault.exhausted(2), exceptions.ResourceExhausted, "Read requests per minute"),
        (Fault.permission_denied(2), exceptions.PermissionDenied, "Permission denied for all log views"),
        (
            Fault.permission_denied(2, text="Permission 'logging.logEntries.list' denied on resource 'projects/shop'"),
            exceptions.PermissionDenied,
            "Permission 'logging.logEntries.list' denied on resource",
        ),
        (Fault.not_found("shop", 2), exceptions.NotFound, "Project 'shop' not found"),
        (Fault(call=2, code=grpc.StatusCode.INTERNAL), exceptions.InternalServerError, "Internal error"),
        (Fault(call=2, code=grpc.StatusCode.ABORTED), exceptions.Aborted, "aborted"),
    ],
)
def test_a_fault_hits_its_call_and_the_read_can_go_on(
    connect: Connect, fault: Fault, error: type[Exception], text: str
) -> None:
    with Emulator(lines(5), faults=[fault]) as emulator:
        client = connect(emulator)
        first = page(client, page_size=3)
        with pytest.raises(error, match=text):
            page(client, first.next_page_token)
        if fault.times == 1:
            assert ids(page(client, first.next_page_token)) == ["id00003", "id00004"]
        else:
            with pytest.raises(error, match=text):
                page(client, first.next_page_token)
        assert [call.code for call in emulator.calls[:2]] == [grpc.StatusCode.OK, fault.code]


def test_a_fault_can_last_some_calls_and_the_clients_retry_outlives_it(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.unavailable(1, times=2)]) as emulator:
        entries = list(connect(emulator).list_log_entries({"resource_names": ["projects/shop"]}))
        assert len(entries) == 5
        codes = [call.code for call in emulator.calls]
        assert codes == [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK]


def test_empty_pages_carry_new_tokens_and_pass_nothing_over(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.empty_page(1), Fault.empty_page(3, times=2)]) as emulator:
        assert [len(part) for part in all_pages(connect(emulator), page_size=3)] == [0, 3, 0, 0, 2]
        tokens = [call.next_page_token for call in emulator.calls[:-1]]
        assert len(set(tokens)) == len(tokens)
        assert all(tokens)


def test_short_pages_lose_nothing(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.short_page(1), Fault.short_page(0, call=2)]) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [1, 0, 4]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_token_loop_answers_with_the_token_it_was_asked_with(connect: Connect, call: int) -> None:
    with Emulator(lines(50), faults=[Fault.token_loop(call)]) as emulator:
        client = connect(emulator)
        token, seen = "", []
        for _ in range(6):
            response = page(client, token, page_size=10)
            token = response.next_page_token
            seen.append((token, ids(response)))
        assert len({tokens for tokens, _ in seen}) == max(call - 1, 1)
        assert seen[-1] == seen[-2]


def test_a_call_that_hangs_ends_with_the_clients_deadline(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.hang()]) as emulator:
        client = connect(emulator)
        with pytest.raises(exceptions.DeadlineExceeded):
            page(client, timeout=0.2)
        assert len(ids(page(client))) == 5
        assert emulator.calls[0].deadline == pytest.approx(0.2, abs=0.1)
        assert emulator.calls[1].code is grpc.StatusCode.OK


def test_a_hanging_call_does_not_keep_the_emulator_from_stopping(connect: Connect) -> None:
    emulator = Emulator(lines(5), faults=[Fault.hang()]).start()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(page, connect(emulator), timeout=30)
        while not emulator.calls:
            time.sleep(0.01)
        begun = time.monotonic()
        emulator.stop()
        assert time.monotonic() - begun < 2
        assert isinstance(future.exception(timeout=5), exceptions.GoogleAPICallError)


def test_a_slow_call_is_answered_after_its_time(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.slow(0.15)]) as emulator:
        client = connect(emulator)
        begun = time.monotonic()
        assert len(ids(page(client))) == 5
        assert time.monotonic() - begun >= 0.15


def test_the_quota_answers_so_many_calls_a_minute(connect: Connect) -> None:
    now = [1_757_500_000.0]
    with Emulator(lines(5), quota=2, clock=lambda: now[0]) as emulator:
        client = connect(emulator)
        page(client)
        now[0] += 30
        page(client)
        with pytest.raises(
            exceptions.ResourceExhausted, match="Quota exceeded for quota metric 'Read requests'"
        ) as caught:
            page(client)
        assert caught.value.reason == "RATE_LIMIT_EXCEEDED"
        now[0] += 30
        assert len(ids(page(client))) == 5
        with pytest.raises(exceptions.ResourceExhausted):
            page(client)
        assert [call.time - 1_757_500_000 for call in emulator.calls] == [0, 30, 30, 60, 60]


def test_a_page_can_repeat_the_end_of_the_page_before_it(connect: Connect) -> None:
    with Emulator(lines(7), faults=[Fault.duplicates(2)]) as emulator:
        pages = all_pages(connect(emulator), page_size=3)
        assert [[int(name[2:]) for name in part] for part in pages] == [[0, 1, 2], [1, 2, 3], [4, 5, 6]]


def test_entries_can_arrive_between_two_calls_before_and_behind_the_reader(connect: Connect) -> None:
    behind = {**lines(1)[0], "insertId": "behind", "timestamp": "2025-09-10T00:00:00.5Z"}
    ahead = {**lines(1)[0], "insertId": "ahead", "timestamp": "2025-09-10T00:00:03.5Z"}
    with Emulator(lines(5), faults=[Fault.late([behind, ahead])]) as emulator:
        client = connect(emulator)
        pages = all_pages(client, page_size=3)
        assert pages == [["id00000", "id00001", "id00002"], ["id00003", "ahead", "id00004"]]
        assert "behind" in ids(page(client))
        assert len(emulator) == 7
