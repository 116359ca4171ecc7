"""``python -m benchmarks.scaling [FOLDER]``: what more rules cost, in microseconds of CPU an entry.

The same shards are read with ten rules and with a thousand, and with the pack and with a thousand. The ten are those of
the pack that match most; what is added are copies of the pack's rules that look for other words, so that there are more
rules and the same matches. The exceptions that a filter puts into many rules are the copies' too.

Printed is JSON: a row for each set of rules, and ``ratio``, the time of a thousand by that of ten. ``read`` is the
whole way to the matches, ``nominate`` the look through the messages, ``match`` what deciding costs about an event that
the pack nominates, and ``spared`` about one that it does not, each with a message that has not come before. CPU is the
best of several rounds, with rules and patterns compiled; ``ready`` is the milliseconds that they take to compile,
databases kept from earlier runs aside.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import re
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from analyzer.coverage import Ledger
from analyzer.matching import Matcher
from analyzer.matching.textset import TextSet
from analyzer.needs import CheckedRules
from analyzer.pipeline import classify_source, events_of
from analyzer.regex import PatternError, compile_pattern
from analyzer.rule import And, Comparison, Named, Operator, Or
from analyzer.ruleset.load import load_rules
from analyzer.sources.files import Files
from benchmarks.corpus import write_shards

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.model import Event
    from analyzer.rule import Condition, Rule

__all__ = ["copies", "main", "measure"]

_ENTRIES: Final = 100_000
_FEW: Final = 10
_MANY: Final = 1000
_AT_ONCE: Final = 1024
_WORDS: Final = re.compile(r"\\.|\(\?[^:>)]*[:>)]|\[(?:\\.|[^\]\\])*\]|(?P<word>[a-z]{3,})", re.IGNORECASE)
"""A pattern's words, and before them what is none: escapes, flags and names of groups, classes."""


_Given = TypeVar("_Given")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="shards of NDJSON; without it some are made")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.folder is None:
            write_shards(folder, _ENTRIES)
        found = measure(folder, options.rounds)
    where = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps({**where, "rounds": options.rounds, **found}, indent=2))


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """The figures of a folder of shards.

    Args:
        folder: Files of newline-delimited JSON.
        rounds: How often each is measured; the best counts.
    """
    pack = load_rules([]).rules
    matcher = Matcher(pack)
    shards = sorted(folder.glob("*.json"))
    records = [msgspec.json.decode(line) for path in shards for line in path.read_bytes().splitlines()]
    events = events_of(records)
    counts = Counter(match.rule.name for event in events for match in matcher.match_event(event))
    names = {name for name, _ in counts.most_common(_FEW)}
    chosen = [rule for rule in pack if rule.name in names]
    nominated = [event for event in events if matcher.nominates_entry(event.entries[0])]
    spared = [event for event in events if not matcher.nominates_entry(event.entries[0])]
    sets = [[*some, *copies(pack, count)] for some in (chosen, pack) for count in (0, _MANY - len(some))]
    rows = [_row(folder, CheckedRules(rules), nominated, spared, rounds) for rules in sets]
    return {"entries": len(records), "ratio": round(rows[1]["read"] / rows[0]["read"], 3), "rows": rows}


def _row(
    folder: Path, rules: CheckedRules, nominated: Sequence[Event], spared: Sequence[Event], rounds: int
) -> dict[str, Any]:
    rules.needs  # noqa: B018 - a loader finds them, and keeps them
    start = time.process_time()
    matcher = Matcher(rules)
    matches = matcher.match(nominated)
    ready = time.process_time() - start
    texts = TextSet((need.operator, str(need.value)) for need in matcher.scanner.needs if need.field == "message")
    messages = [event.message for event in (*nominated, *spared)]

    def nominate(messages: Sequence[str]) -> None:
        for at in range(0, len(messages), _AT_ONCE):
            texts.holding(messages[at : at + _AT_ONCE])

    def decide(events: Sequence[Event]) -> None:
        for event in events:
            matcher.match_event(event)

    def read(_: None) -> None:
        classify_source(Files([str(folder)]), None, matcher, Ledger(), jobs=1)

    numbers = itertools.count()

    def new(events: Sequence[Event]) -> list[Event]:
        return [msgspec.structs.replace(event, message=f"{event.message} {next(numbers)}") for event in events]

    return {
        "rules": len(rules),
        "matches": len(matches),
        "ready": round(ready * 1e3, 1),
        "read": _microseconds(read, lambda: None, len(messages), rounds),
        "nominate": _microseconds(nominate, lambda: messages, len(messages), rounds),
        "match": _microseconds(decide, lambda: new(nominated), len(nominated), rounds),
        "spared": _microseconds(decide, lambda: new(spared), len(spared), rounds),
    }


def _microseconds(work: Callable[[_Given], None], give: Callable[[], _Given], count: int, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds + 1):  # the first one only warms up
        given = give()
        start = time.process_time()
        work(given)
        best = min(best, time.process_time() - start)
    return round(best / max(1, count) * 1e6, 3)


def copies(rules: Sequence[Rule], count: int) -> list[Rule]:
    """So many copies of rules, in turn, that look for other words of the same length."""
    return [_copy(rules[number % len(rules)], number // len(rules) + 1) for number in range(count)]


def _copy(rule: Rule, turn: int) -> Rule:
    name = f"{rule.name}_{turn}"
    if rule.correlation is not None:
        names = tuple(f"{one}_{turn}" for one in rule.correlation.rules)
        correlation = msgspec.structs.replace(rule.correlation, rules=names, aliases={})
        return msgspec.structs.replace(rule, name=name, correlation=correlation)
    condition = None if rule.condition is None else _turned(rule.condition, turn)
    return msgspec.structs.replace(rule, name=name, condition=condition)


def _turned(condition: Condition, turn: int) -> Condition:
    """The condition with other words; what it excepts stays, since filters are many rules' in common."""
    match condition:
        case And(items=items):
            return And(tuple(_turned(item, turn) for item in items))
        case Or(items=items):
            return Or(tuple(_turned(item, turn) for item in items))
        case Named(name=name, item=item):
            return Named(name, _turned(item, turn))
        case Comparison(operator=Operator.RE, value=str(pattern)):
            return msgspec.structs.replace(condition, value=_other_words(pattern, turn))
        case Comparison(value=str(text)):
            return msgspec.structs.replace(condition, value=_rotated(text, turn))
    return condition


def _other_words(pattern: str, turn: int) -> str:
    made = _WORDS.sub(lambda found: _rotated(found[0], turn) if found["word"] else found[0], pattern)
    try:
        compile_pattern(made)
    except PatternError:
        return f"(?:{pattern}) copy {turn}"
    return made


def _rotated(text: str, turn: int) -> str:
    """Each letter of ASCII moved on in the alphabet, so that the words are as long and as frequent as before."""
    lower, upper = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    moved = lower[turn:] + lower[:turn] + upper[turn:] + upper[:turn]
    return text.translate(str.maketrans(lower + upper, moved))


if __name__ == "__main__":
    main()
