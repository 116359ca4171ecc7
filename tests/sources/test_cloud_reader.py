"""The entries of several queries, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.model import Window
from analyzer.sources._protobuf import entry_to_json
from analyzer.sources._query import Query, Scope
from analyzer.sources._reader import Reader
from analyzer.sources._wire import ENTRY
from analyzer.times import SECOND
from tests.emulator.messages import to_message
from tests.sources.cloud import HOUR, START, entry, ids, read, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sources.conftest import Start

QUERY = Scope(project="acme").query(HOUR)


class Pages:
    """A caller that has its pages already."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def pages(self, query: object, size: int, most: int = 0) -> Iterator[list[Any]]:
        for page in self._pages:
            yield [ENTRY.FromString(to_message(one).SerializeToString()) for one in page]


def reader(*pages: list[dict[str, Any]], limit: int = 0) -> Reader[Query]:
    caller: Any = Pages(*pages)
    return Reader(caller, entry_to_json, limit, None)


def test_entries_without_an_id_are_told_apart_by_all_they_say() -> None:
    bare = {name: value for name, value in entry(1).items() if name != "insertId"}
    other = {**bare, "textPayload": "other"}
    reading = reader([bare, other, bare])
    assert [one["textPayload"] for one in reading.entries(QUERY, START)] == ["fine", "other"]
    assert (reading.count, reading.twice) == (2, 1)


def test_what_a_later_query_gives_again_is_no_duplicate() -> None:
    reading = reader([entry(1), entry(2)])
    list(reading.entries(QUERY, START))
    assert list(reading.entries(QUERY, START, again=True)) == []
    assert (reading.count, reading.twice) == (2, 0)


def test_the_newest_entry_is_given_once_even_behind_empty_pages() -> None:
    reading = reader([], [entry(9)], [entry(8)])
    assert ids(list(reading.latest(QUERY))) == ["id-000009"]
    assert list(reading.latest(QUERY)) == []


def test_a_read_by_receive_time_ends_with_the_newest_entry_whatever_the_rules_need(emulate: Start) -> None:
    emulate([entry(n, text="ERROR" if n == 2 else "fine") for n in range(20)])
    window = Window(HOUR.start, HOUR.start + 5 * SECOND, received=True)
    assert ids(read(source(pushdown='"ERROR"'), window)[0]) == ["id-000002", "id-000004"]
    assert ids(read(source(), window)[0]) == [f"id-{n:06d}" for n in range(5)]
