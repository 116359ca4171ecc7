"""What is worth telling of a read: events that rules match, that are errors, or that are failed requests."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol

import msgspec

from analyzer.deflate import deflate, squeezed
from analyzer.events import stands_alone
from analyzer.matching import kept_rules
from analyzer.model import Event, Severity
from analyzer.traffic import failing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.matching import Matcher
    from analyzer.model import Entry
    from analyzer.rule import Rule

__all__ = [
    "Block",
    "Finder",
    "Finds",
    "Found",
    "Kept",
    "Listed",
    "Sealed",
    "Trait",
    "closed",
    "lean",
    "opened",
    "reads_raw",
    "sealed",
    "traits_of",
    "unpacked",
]

_OF_RECORDS = ("labels.", "json.", "proto.", "resource.")


Moment = tuple[int, int, str, str, str, str, str]
"""Time, timestamp, project, service, instance, log, and what decides between those that stand alone."""


class Found(msgspec.Struct, frozen=True, array_like=True):
    """An event that is worth telling.

    Attributes:
        event: The event.
        hits: Of each rule that matches, its index and what it extracts.
        keys: The keys of its entries, as far as they are wanted.
        alone: It never joins anything, and its insertId says where it stands among others of one time.
    """

    event: Event
    hits: tuple[tuple[int, dict[str, str | tuple[str, ...]]], ...]
    keys: tuple[int, ...] = ()
    alone: bool = False

    @property
    def moment(self) -> Moment:
        """What events are ordered by, as :func:`analyzer.events.join` does; equal ones stay in the order they came."""
        first = self.event.first
        tie = first.insert_id if self.alone else ""
        return (first.time, first.timestamp, first.project, first.service, first.instance, first.log, tie)

    @property
    def refused(self) -> bool:
        """Whether it is a request that failed."""
        request = self.event.first.request
        return request is not None and failing(request) is not None


class Trait(enum.IntFlag):
    """What makes a find worth unpacking to somebody."""

    MATCHED = 1
    """Rules match it."""
    PART = 2
    """Rules match it that correlations are made of."""
    UNKNOWN = 4
    """It is an error of which no rule tells whose matches are reported."""
    REFUSED = 8
    """It is a request that failed."""


def traits_of(rules: Sequence[Rule]) -> Callable[[Found], int]:
    """What tells the traits of finds, as a number whose bits are those of :class:`Trait`.

    Args:
        rules: The rules that their hits name by their indexes.
    """
    kept = kept_rules(rules)
    named = {name for rule in rules if rule.correlation is not None for name in rule.correlation.rules}
    shown = frozenset(index for index, rule in enumerate(rules) if rule.name in kept)
    parts = frozenset(index for index, rule in enumerate(rules) if rule.name in named)

    def traits(found: Found) -> int:
        hits = [index for index, _ in found.hits]
        unknown = found.event.severity >= Severity.ERROR and shown.isdisjoint(hits)
        return (
            Trait.MATCHED.value * bool(hits)
            + Trait.PART.value * (not parts.isdisjoint(hits))
            + Trait.UNKNOWN.value * unknown
            + Trait.REFUSED.value * found.refused
        )

    return traits


class Sealed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A find that is packed, with what is asked of it before anybody unpacks it.

    Attributes:
        moment: What it is ordered by: :attr:`Found.moment`.
        keys: The keys of its entries.
        hits: How many rules match it.
        traits: Its traits, as bits.
        data: The find as MessagePack; as it is where a number of a record is larger than those of MessagePack.
    """

    moment: Moment
    keys: tuple[int, ...]
    hits: int
    traits: int
    data: bytes | Found


def sealed(found: Found, traits: int) -> Sealed:
    """A find packed."""
    bare = msgspec.structs.replace(found, keys=())
    return Sealed(found.moment, found.keys, len(found.hits), traits, _encoded(bare) or bare)


class Kept(Protocol):
    """Finds in order of time, which can be gone through again and again."""

    def some(self, wanted: Trait) -> Iterator[tuple[int, Found]]:
        """Those that have one of some traits, with the number of hits before each."""
        ...


class Listed:
    """Finds as they are.

    Args:
        finds: Finds in order of time.
        traits: Says what somebody may ask for.
    """

    def __init__(self, finds: Sequence[Found], traits: Callable[[Found], int]) -> None:
        self._finds = finds
        self._traits = bytes(map(traits, finds))

    def some(self, wanted: Trait) -> Iterator[tuple[int, Found]]:
        """Those that have one of some traits, with the number of hits before each."""
        bits, hits = wanted.value, 0
        for found, trait in zip(self._finds, self._traits, strict=True):
            if trait & bits:
                yield hits, found
            hits += len(found.hits)


class Finder:
    """Tells which events are worth telling.

    Args:
        matcher: The rules.
    """

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._index = {rule.name: index for index, rule in enumerate(matcher.rules)}

    def found(self, events: Iterable[Event], key: Callable[[Entry], int] | None = None) -> list[Found]:
        """Those that are, in the same order.

        Args:
            events: Events.
            key: Gives the key of an entry; None where keys are not wanted.
        """
        found = []
        for event in events:
            hits = tuple((self._index[one.rule.name], dict(one.fields)) for one in self._matcher.match_event(event))
            keys = tuple(map(key, event.entries)) if key is not None else ()
            one = Found(event, hits, keys, alone=stands_alone(event.first))
            if hits or event.severity >= Severity.ERROR or one.refused:
                found.append(one)
        return found


def lean(event: Event) -> Event:
    """The event without the records it came from: what reports need has been read from them."""
    entries = tuple(msgspec.structs.replace(entry, raw={}) for entry in event.entries)
    return msgspec.structs.replace(event, entries=entries)


def reads_raw(rules: Iterable[Rule]) -> bool:
    """Whether correlations go by fields of which only the record tells."""
    names = (
        name
        for rule in rules
        if (one := rule.correlation) is not None
        for name in (*one.group_by, one.field, *(name for alias in one.aliases.values() for name in alias.values()))
    )
    return any(name.startswith(_OF_RECORDS) for name in names)


_Items = list[Found]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Items)

Block = bytes | _Items
"""Finds as compressed MessagePack; as they are where a number of a record is larger than those of MessagePack."""


def closed(finds: _Items) -> Block:
    """Finds in a fifth of the room or less."""
    data = _encoded(finds)
    return finds if data is None else squeezed(data)


def opened(block: Block) -> _Items:
    """The finds of a block."""
    return _DECODER.decode(deflate().decompress(block)) if isinstance(block, bytes) else block


_ONE = msgspec.msgpack.Decoder(Found)
_SEALED = msgspec.msgpack.Decoder(list[Sealed])


def _encoded(value: object) -> bytes | None:
    """A value as MessagePack; None where a number of a record is larger than those of MessagePack."""
    try:
        return _ENCODER.encode(value)
    except OverflowError:
        return None


def unpacked(data: bytes) -> Found:
    """The find again."""
    return _ONE.decode(data)


class Finds:
    """What a share has found; between processes it travels as MessagePack, in a tenth of the time."""

    __slots__ = ("items",)

    def __init__(self, items: list[Sealed]) -> None:
        self.items = items

    def __reduce__(self) -> tuple[Callable[..., Finds], tuple[bytes | list[Sealed]]]:
        """Packed, where that can be."""
        data = _encoded(self.items)
        return (Finds, (self.items,)) if data is None else (_unpacked, (data,))


def _unpacked(data: bytes) -> Finds:
    return Finds(_SEALED.decode(data))
