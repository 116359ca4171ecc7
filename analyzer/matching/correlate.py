"""Correlations: several matches of one group that come within one stretch of time.

Matches are taken in order of time, whatever order they come in; those of one nanosecond stand in no order, since a log
does not tell it. A window is closed at both ends: matches exactly ``timespan`` apart are still inside. A correlation
is greedy: it completes with the first match that completes it, out of the latest matches that will do. The window of
``timespan`` from its first part then belongs to it, so that a storm gives one match a window, and the next one starts
from nothing. Sigma 2.1: https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html.
"""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from analyzer.matching.evaluate import compile_number_test
from analyzer.matching.fields import field, is_field, text_of
from analyzer.model import Fields, Match
from analyzer.rule import Correlation, CorrelationType, Operator, Rule

__all__ = ["Correlated", "correlate", "kept_rules", "merged_fields"]

_LOWER = frozenset({Operator.GT, Operator.GTE})


class _Item(NamedTuple):
    """A match in order of time; ``order`` is the place of the detection that it is or that completed it."""

    time: int
    order: int
    match: Match


_Parts = Sequence[_Item]
"""The parts of a completed correlation in order of time; the last one completed it."""


class Correlated:
    """What correlations make of the matches of other rules.

    Args:
        rules: All rules.
        matches: Matches of those that are no correlations, in any order, each with its place among all; not kept
            longer than they are of use. Of rules that no correlation names none need come.
    """

    def __init__(self, rules: Sequence[Rule], matches: Iterable[tuple[int, Match]]) -> None:
        self._kept = kept_rules(rules)
        self._completed: defaultdict[int, list[Match]] = defaultdict(list)
        for order, match in correlate(rules, matches):
            if match.rule.name in self._kept:
                self._completed[order].append(match)

    def told(self, order: int, match: Match) -> Iterator[Match]:
        """A match, if it is to be reported, and those of the correlations that it completes.

        Matches of rules that serve only correlations (``generate: false``) are left out.

        Args:
            order: Its place among all matches.
            match: The match, or one that was made anew.
        """
        if match.rule.name in self._kept:
            yield match
        for one in self._completed.get(order, ()):
            yield one if one.event is match.event else msgspec.structs.replace(one, event=match.event)


def kept_rules(rules: Sequence[Rule]) -> frozenset[str]:
    """Names of the rules whose matches are reported: all but those that only correlations without ``generate`` name."""
    correlations = [rule.correlation for rule in rules if rule.correlation is not None]
    hidden = {name for one in correlations if not one.generate for name in one.rules}
    shown = {name for one in correlations if one.generate for name in one.rules}
    return frozenset(rule.name for rule in rules if rule.name not in hidden - shown)


def correlate(rules: Sequence[Rule], matches: Iterable[tuple[int, Match]]) -> list[tuple[int, Match]]:
    """The matches of the correlation rules among ``rules``.

    Args:
        rules: All rules; those that are no correlations are passed over.
        matches: Matches of the other rules, in any order, each with its place among all; only those that a correlation
            names are kept.

    Returns:
        For each match of a correlation, in order of time, the place of the one that completed it.
        Correlations may be built on correlations; those that need one another in a circle never match.
    """
    pools: dict[str, list[_Item]] = {
        name: [] for rule in rules if rule.correlation is not None for name in (rule.name, *rule.correlation.rules)
    }
    for order, match in matches if pools else ():
        if (pool := pools.get(match.rule.name)) is not None:
            pool.append(_Item(match.time, order, match))
    found: list[tuple[int, int, int, Match]] = []
    for place, rule, correlation in _by_dependency(rules):
        items = sorted(
            itertools.chain.from_iterable(pools[name] for name in dict.fromkeys(correlation.rules)),
            key=lambda item: item[:2],
        )
        for parts in _completed(correlation, items):
            last = parts[-1]
            whole = tuple(part.match for part in parts)
            match = Match(rule=rule, event=last.match.event, fields=merged_fields(whole), parts=whole)
            pools[rule.name].append(_Item(last.time, last.order, match))
            found.append((last.time, last.order, place, match))
    found.sort(key=lambda row: row[:3])
    return [(order, match) for _, order, _, match in found]


def merged_fields(parts: Iterable[Match]) -> Fields:
    """What the parts extracted, together: a name with several distinct values has them all, in order."""
    values: dict[str, dict[str, None]] = {}
    listed: set[str] = set()
    for part in parts:
        for name, value in part.fields.items():
            if not isinstance(value, str):
                listed.add(name)
            values.setdefault(name, {}).update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return {
        name: tuple(texts) if name in listed or len(texts) != 1 else next(iter(texts)) for name, texts in values.items()
    }


def _by_dependency(rules: Sequence[Rule]) -> Iterator[tuple[int, Rule, Correlation]]:
    """Correlation rules with their place, such that each comes after the correlations that it is built on."""
    waiting = {
        rule.name: (place, rule, rule.correlation) for place, rule in enumerate(rules) if rule.correlation is not None
    }
    while waiting:
        ready = [name for name, row in waiting.items() if not any(other in waiting for other in row[2].rules)]
        if not ready:
            return
        for name in ready:
            yield waiting.pop(name)


def _completed(correlation: Correlation, items: Sequence[_Item]) -> Iterator[_Parts]:
    groups: dict[tuple[object, ...], list[_Item]] = defaultdict(list)
    for item in items:
        key = tuple(_value(item.match, name, correlation.aliases) for name in correlation.group_by)
        groups[key].append(item)
    for group in groups.values():
        yield from _TYPES[correlation.type](correlation, group)


def _value(match: Match, name: str, aliases: Mapping[str, Mapping[str, str]]) -> str | tuple[str, ...] | None:
    """A field of the event, or else a value that the rule extracted; None is a group of its own."""
    name = aliases.get(name, {}).get(match.rule.name, name)
    if is_field(name):
        return text_of(field(match.event, name))
    return match.fields.get(name)


def _event_count(correlation: Correlation, items: Sequence[_Item]) -> Iterator[_Parts]:
    events = _distinct_events(items)
    test = compile_number_test(correlation.bounds)
    if not _open_above(correlation):
        yield from _whole_windows(correlation, events, lambda item: (item.order,))
        return
    window: deque[_Item] = deque()
    until = None
    for item in events:
        if until is not None and item.time <= until:
            continue
        while window and window[0].time < item.time - correlation.timespan:
            window.popleft()
        window.append(item)
        if test(len(window)):
            yield tuple(window)
            until = window[0].time + correlation.timespan
            window.clear()


def _value_count(correlation: Correlation, items: Sequence[_Item]) -> Iterator[_Parts]:
    def values(item: _Item) -> tuple[str, ...]:
        value = _value(item.match, correlation.field, correlation.aliases)
        return (value,) if isinstance(value, str) else value or ()

    test = compile_number_test(correlation.bounds)
    if not _open_above(correlation):
        yield from _whole_windows(correlation, items, values)
        return
    latest: dict[str, _Item] = {}  # each value's latest item, the oldest first
    until = None
    for now, batch in _by_time(items):
        if until is not None and now <= until:
            continue
        for item in batch:
            for value in values(item):
                latest.pop(value, None)
                latest[value] = item
        _forget(latest, now - correlation.timespan)
        if latest and test(len(latest)):
            parts = sorted({part[:2]: part for part in latest.values()}.values(), key=lambda part: part[:2])
            yield parts
            until = parts[0].time + correlation.timespan
            latest.clear()


def _forget(latest: dict[str, _Item], start: int) -> None:
    """Drop what is before ``start`` from items of which the oldest stand first."""
    while latest:
        oldest = next(iter(latest))
        if latest[oldest].time >= start:
            return
        del latest[oldest]


def _temporal(correlation: Correlation, items: Sequence[_Item]) -> Iterator[_Parts]:
    wanted = dict.fromkeys(correlation.rules)
    latest: dict[str, _Item] = {}
    until = None
    for now, batch in _by_time(items):
        if until is not None and now <= until:
            continue
        latest.update((item.match.rule.name, item) for item in batch)
        start = now - correlation.timespan
        if all(name in latest and latest[name].time >= start for name in wanted):
            parts = sorted(latest.values(), key=lambda part: part[:2])
            yield parts
            until = parts[0].time + correlation.timespan
            latest.clear()


def _temporal_ordered(correlation: Correlation, items: Sequence[_Item]) -> Iterator[_Parts]:
    """Of each beginning of the order (its first rule, its first two, …) the chain that started last is kept."""
    steps = len(correlation.rules)
    chains: list[tuple[_Item, ...]] = [()] * steps
    until = None
    for now, batch in _by_time(items):
        if until is not None and now <= until:
            continue
        new: dict[str, list[_Item]] = defaultdict(list)
        for item in batch:
            if len(new[item.match.rule.name]) < steps:
                new[item.match.rule.name].append(item)
        before = list(chains)
        for step, name in enumerate(correlation.rules):
            beginnings = [chains[step - 1], before[step - 1]] if step else [()]
            chain = _extended(beginnings, new.get(name, []), earliest=now - correlation.timespan, step=step)
            chains[step] = chain or chains[step]
        if chains[-1] and chains[-1][-1].time == now:
            yield chains[-1]
            until = chains[-1][0].time + correlation.timespan
            chains = [()] * steps


def _extended(
    beginnings: Iterable[tuple[_Item, ...]], items: Sequence[_Item], *, earliest: int, step: int
) -> tuple[_Item, ...]:
    """The first beginning that is long and young enough, with an item that it does not hold yet; empty for none."""
    for beginning in beginnings:
        if len(beginning) != step or (beginning and beginning[0].time < earliest):
            continue
        for item in items:
            if not any(item is part for part in beginning):
                return (*beginning, item)
    return ()


def _whole_windows(
    correlation: Correlation, items: Iterable[_Item], values: Callable[[_Item], Iterable[object]]
) -> Iterator[_Parts]:
    """Windows side by side, each from its first match on, judged when over: what "fewer than" and "just" need."""
    test = compile_number_test(correlation.bounds)
    most = max((bound for sign, bound in correlation.bounds if sign not in _LOWER), default=0.0)
    parts: list[_Item] = []
    seen: set[object] = set()
    start = None
    for item in items:
        if start is None or item.time > start + correlation.timespan:
            if parts and test(len(seen)):
                yield parts
            start, parts, seen = item.time, [], set()
        new = set(values(item)) - seen
        if new and len(seen) <= most:  # above it the window has failed, and need not be remembered
            seen |= new
            parts.append(item)
    if parts and test(len(seen)):
        yield parts


def _distinct_events(items: Iterable[_Item]) -> Iterator[_Item]:
    """One item an event, however many of the rules match it."""
    for _, batch in _by_time(items):
        yield from {id(item.match.event): item for item in batch}.values()


def _by_time(items: Iterable[_Item]) -> Iterator[tuple[int, Iterator[_Item]]]:
    return itertools.groupby(items, key=lambda item: item.time)


def _open_above(correlation: Correlation) -> bool:
    """Whether more matches never make the bounds false."""
    return all(sign in _LOWER for sign, _ in correlation.bounds)


_TYPES: Mapping[CorrelationType, Callable[[Correlation, Sequence[_Item]], Iterator[_Parts]]] = {
    CorrelationType.EVENT_COUNT: _event_count,
    CorrelationType.VALUE_COUNT: _value_count,
    CorrelationType.TEMPORAL: _temporal,
    CorrelationType.TEMPORAL_ORDERED: _temporal_ordered,
}
