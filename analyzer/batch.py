"""What one stretch of a read amounts to: exact counts of its entries, and those that are worth a closer look."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.columns import Integers, Keys
    from analyzer.model import Entry, Notice
    from analyzer.traffic import Failing

__all__ = ["Batch", "Deploy", "Edge", "Groups", "Kind", "Seen", "Selected"]


class Kind(NamedTuple):
    """What entries have that are counted alike but for their time.

    Attributes:
        service: Their service; empty where it is not known.
        severity: Their effective severity.
        route: The route of their requests; None where they have none that counts.
        failing: How these failed; None where they did not.
    """

    service: str
    severity: str
    route: str | None
    failing: Failing | None


class Groups(NamedTuple):
    """Entries of one kind each; requests also of the same ten seconds.

    Attributes:
        kinds: The kinds.
        kind: Of each group, the index of its kind.
        first: Effective time of the first entry, nanoseconds; of requests that went well any within their ten seconds.
        last: Of the last.
    """

    kinds: Sequence[Kind]
    kind: Integers
    first: Integers
    last: Integers


class Deploy(NamedTuple):
    """What an audited entry tells of a deploy: time in nanoseconds; the revision is empty where it is not named."""

    service: str
    time: int
    revision: str
    insert_id: str


class Seen(NamedTuple):
    """When a revision was seen: its first and last time, nanoseconds, and the insertId of its first entry."""

    service: str
    revision: str
    first: int
    last: int
    insert_id: str


class Selected(NamedTuple):
    """An entry that is worth a closer look.

    Attributes:
        entry: The entry.
        key: Its key.
    """

    entry: Entry
    key: int


class Edge(NamedTuple):
    """An entry at an end of a part of a read: what stands at the end of the next part may turn out to be near to it.

    Attributes:
        stream: Service, instance and log.
        time: When it happened, nanoseconds.
        nominated: It is worth a closer look by itself.
        taken: It was selected, by itself or since it stands near one that was.
        selected: The entry; None where it is taken.
    """

    stream: tuple[str, str, str]
    time: int
    nominated: bool
    taken: bool
    selected: Selected | None


class Batch(NamedTuple):
    """Some thousand entries of a read.

    Attributes:
        keys: The keys of all entries, sorted, each once.
        grouped: Of each key, the group under which its entry is counted.
        groups: The groups.
        revisions: The revisions that were seen.
        deploys: What audited entries tell of deploys.
        first: Earliest timestamp, nanoseconds; None where there is no entry.
        last: Latest timestamp.
        begin: Timestamp of the entry that was read first, nanoseconds; None where there is no entry.
        end: Of the one that was read last.
        late: The largest lag of a receiveTimestamp, nanoseconds.
        duplicates: Copies that were left out.
        notices: What the source said.
        selected: What is worth a closer look, in the order of the records.
    """

    keys: Keys
    grouped: Integers
    groups: Groups
    revisions: Sequence[Seen]
    deploys: Sequence[Deploy]
    first: int | None
    last: int | None
    begin: int | None
    end: int | None
    late: int
    duplicates: int
    notices: Sequence[Notice]
    selected: Sequence[Selected]
