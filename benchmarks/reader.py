"""``python -m benchmarks.reader [ENTRIES]``: what the Cloud Logging reader spends, in microseconds of CPU an entry.

The pages hold the seeded corpus (60 % requests, 25 % JSON, 10 % text, 3 % audit, the rest failures) as the API sends
it: protobuf, a thousand entries a page, by a channel that does what gRPC's does but for the network. Printed is JSON,
for all entries as they come and for each kind by itself: the whole read (``read``), and of it the taking apart of pages
(``parse``) and the conversion of entries (``convert``). CPU is ``time.process_time``, the best of several rounds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from google.cloud.logging_v2.types import ListLogEntriesResponse, LogEntry
from google.protobuf import json_format

from analyzer.model import Notice
from analyzer.sources._client import Connection
from analyzer.sources._pages import PAGE_SIZE
from analyzer.sources._protobuf import entry_to_json
from analyzer.sources._wire import PAGE
from analyzer.sources.cloud_logging import CloudLogging
from analyzer.times import SECOND
from benchmarks.corpus import Corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SEED: Final = 5
_KINDS: Final = {"httpRequest": "request", "jsonPayload": "json", "textPayload": "text", "protoPayload": "audit"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reader", description=__doc__)
    parser.add_argument("entries", type=int, nargs="?", default=20_000, help="how many entries to read")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    parts: dict[str, list[Any]] = {"all": [], **{kind: [] for kind in _KINDS.values()}}
    for kind, message in _messages(options.entries):
        parts["all"].append(message)
        parts[kind].append(message)
    spent = {kind: _measured(_pages(messages), options.rounds) for kind, messages in parts.items() if messages}
    where = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    found = {"microseconds": spent["all"]["read"], "microseconds_of_cpu_an_entry": spent}
    print(json.dumps({**where, "rounds": options.rounds, **found}, indent=2))


def _messages(count: int) -> Iterator[tuple[str, Any]]:
    """Entries of the corpus, each with its kind."""
    for line in Corpus(_SEED, spaced=False).lines(count):
        entry = json.loads(line)
        kind = next(kind for name, kind in _KINDS.items() if name in entry)
        yield kind, json_format.ParseDict(entry, LogEntry.pb()())


def _pages(messages: Sequence[Any]) -> list[bytes]:
    """The messages in pages, each with the number of the next as its token."""
    pages = []
    for start in range(0, len(messages), PAGE_SIZE):
        end = start + PAGE_SIZE
        token = str(end // PAGE_SIZE) if end < len(messages) else ""
        page = ListLogEntriesResponse.pb()(entries=messages[start:end], next_page_token=token)
        pages.append(page.SerializeToString())
    return pages


def _measured(pages: Sequence[bytes], rounds: int) -> dict[str, float]:
    ways: dict[str, Callable[[Sequence[bytes]], tuple[int, float]]] = {
        "read": _read,
        "parse": _parsed,
        "convert": _converted,
    }
    runs = {name: [way(pages) for _ in range(rounds)] for name, way in ways.items()}
    (count,) = {count for some in runs.values() for count, _ in some}  # all of them gave every entry
    best = {name: min(seconds for _, seconds in some) for name, some in runs.items()}
    return {"entries": count, **{name: round(seconds / count * 1e6, 2) for name, seconds in best.items()}}


def _read(pages: Sequence[bytes]) -> tuple[int, float]:
    """Entries, and the seconds of CPU that reading them takes."""
    channel: Any = _Channel(pages)
    source = CloudLogging(
        project="acme",
        clock=itertools.count(0, SECOND).__next__,  # seconds pass at every look, so no quota is ever used up
        deadline=len(pages) * 60 * SECOND,
        connect=lambda project: Connection(channel, project),
    )
    begun = time.process_time()
    count = sum(1 for record in source.read(None) if not isinstance(record, Notice))
    return count, time.process_time() - begun


def _parsed(pages: Sequence[bytes]) -> tuple[int, float]:
    """The same for the pages as messages."""
    begun = time.process_time()
    count = sum(len(PAGE.FromString(page).entries) for page in pages)
    return count, time.process_time() - begun


def _converted(pages: Sequence[bytes]) -> tuple[int, float]:
    """The same for messages as mappings."""
    count, seconds = 0, 0.0
    for page in pages:
        entries = PAGE.FromString(page).entries
        begun = time.process_time()
        for entry in entries:
            entry_to_json(entry)
        seconds += time.process_time() - begun
        count += len(entries)
    return count, seconds


class _Channel:
    """What :class:`~analyzer.sources._client.Connection` needs of a ``grpc.Channel``.

    Args:
        pages: Answers, found by their token.
    """

    def __init__(self, pages: Sequence[bytes]) -> None:
        self._pages = pages

    def unary_unary(
        self, method: str, request_serializer: Callable[[Any], bytes], response_deserializer: Callable[[bytes], Any]
    ) -> _Channel:
        """The one method there is."""
        del method
        self._serialize, self._deserialize = request_serializer, response_deserializer
        return self

    def future(self, request: Any, **options: Any) -> _Future:
        """The answer to a request."""
        del options
        self._serialize(request)
        return _Future(self._deserialize(self._pages[int(request.page_token or 0)]))

    def close(self) -> None:
        """Nothing is open."""


class _Future:
    """An answer that is there already."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def result(self) -> Any:
        """The answer."""
        return self._answer

    def cancel(self) -> None:
        """It is too late for that."""


if __name__ == "__main__":
    main()
