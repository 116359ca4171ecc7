"""What incidents cost: CPU a match, and memory, for seeded matches that are made anew whenever they are read.

Run it from the top of the tree with the numbers of matches::

    python -m benchmarks.incidents 10000 38000 190000

Each size runs in a process of its own. What making the matches costs is measured by itself and taken off.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from analyzer.incidents import build_incidents, cluster
from analyzer.matching import Matcher
from analyzer.model import Coverage, Entry, Event, Match, Revision, Severity, SourceInfo, Window
from analyzer.pipeline import events_of
from analyzer.redact import Redactor
from analyzer.report import build
from analyzer.ruleset.load import load_rules
from analyzer.settings import ReportSettings
from analyzer.times import SECOND, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.outcome import Incident
    from analyzer.report import Report

__all__ = ["Figures", "Matches", "Unknown", "measure"]

_START = parse_timestamp("2025-09-10T00:00:00Z")
_SERVICES = ("gateway", "orders", "accounts", "search", "mailer", "ledger")
_INSTANCES = 4
_GAP = 0.5
"""Seconds between two events that match, on average: four of a hundred among fifty entries a second."""
_UNKNOWN = 50
"""Matches for each error that no rule knows."""


class Matches:
    """Matches of the pack's own tests in order of time, on services and instances at random; the same for one seed.

    Args:
        count: How many, or a few more: those of one event come together.
        seed: Of the random numbers.
        kinds: How many of the pack's tests they are taken from.
    """

    def __init__(self, count: int, seed: int = 7, kinds: int = 60) -> None:
        self._count = count
        self._seed = seed
        examples = _examples()
        self._examples = random.Random(seed).sample(examples, min(kinds, len(examples)))

    def __iter__(self) -> Iterator[Match]:
        """The matches, made anew."""
        rand = random.Random(self._seed)
        now, made = float(_START), 0
        while made < self._count:
            now += rand.expovariate(1 / _GAP) * SECOND
            example = rand.choice(self._examples)
            event = _event(example[0].event, rand, int(now), made)
            for match in example:
                yield msgspec.structs.replace(match, event=event)
            made += len(example)


class Unknown:
    """Errors that no rule knows, in order of time; the same for one seed.

    Args:
        count: How many.
        seed: Of the random numbers.
    """

    def __init__(self, count: int, seed: int = 7) -> None:
        self._count = count
        self._seed = seed

    def __iter__(self) -> Iterator[Event]:
        """The errors, made anew."""
        rand = random.Random(self._seed)
        (like,) = events_of([{"timestamp": "2025-09-10T00:00:00Z", "textPayload": "the ledger is off"}])
        for number in range(self._count):
            text = f"the ledger of book {rand.randrange(9)} is off by {number} cents"
            odd = msgspec.structs.replace(like, message=text, severity=Severity.ERROR)
            yield _event(odd, rand, _START + int(number * _UNKNOWN * _GAP * SECOND), number)


class Figures(NamedTuple):
    """What one size came to: CPU in microseconds a match, peak memory above the start in MiB."""

    matches: int
    incidents: int
    building: float
    reporting: float
    writing: float
    peak: float


def measure(count: int, seed: int = 7, kinds: int = 60) -> Figures:
    """Build incidents of so many matches, and report them, in this process."""
    matches, unknown = Matches(count, seed, kinds), Unknown(count // _UNKNOWN, seed)
    before = _peak()
    begun = time.process_time()
    made = sum(1 for _ in matches)
    making = 2 * (time.process_time() - begun)
    begun = time.process_time()
    incidents = build_incidents(matches, unknown, _revisions(), ReportSettings(), redactor=Redactor())
    built = time.process_time()
    report = _report(incidents, unknown)
    reported = time.process_time()
    report.to_json()
    written = time.process_time()
    return Figures(
        matches=made,
        incidents=len(incidents),
        building=round((built - begun - making) / made * 1e6, 2),
        reporting=round((reported - built) / made * 1e6, 2),
        writing=round((written - reported) / made * 1e6, 2),
        peak=round(_peak() - before, 1),
    )


def _examples() -> list[list[Match]]:
    """The matches of each event of the pack's tests that a rule matches, correlations left out."""
    rules = load_rules([]).rules
    matcher = Matcher(rules)
    tests = (test for rule in rules for test in rule.tests if test.match and rule.correlation is None)
    found = (matcher.match_event(event) for test in tests for event in events_of(test.entries))
    return [matches for matches in found if matches]


def _event(like: Event, rand: random.Random, now: int, number: int) -> Event:
    """The event at another time and place, as one entry of its own."""
    service, instance = rand.choice(_SERVICES), f"{rand.randrange(_INSTANCES):0192x}"
    entry: Entry = msgspec.structs.replace(
        like.first,
        timestamp=now,
        time=now,
        received=now,
        service=service,
        revision=f"{service}-00001-abc",
        instance=service + instance,
        insert_id=f"{number:020x}",
        trace="",
        raw={},
    )
    return msgspec.structs.replace(like, entries=(entry,))


def _revisions() -> list[Revision]:
    return [Revision(name, f"{name}-00001-abc", _START, _START + 1, f"first-{name}") for name in _SERVICES]


def _report(incidents: Sequence[Incident], unknown: Unknown) -> Report:
    coverage = Coverage(
        entries=1,
        first=_START,
        last=_START + 1,
        complete=True,
        duplicates=0,
        skipped=0,
        severities={"ERROR": 1},
        services={"gateway": 1},
    )
    return build(
        incidents,
        cluster(unknown),
        coverage,
        SourceInfo("memory", ""),
        Window(_START, _START + 1),
        ReportSettings(),
        generated_at=_START,
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and print a line for it; 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incidents", description=__doc__.partition("\n")[0])
    parser.add_argument("matches", type=int, nargs="*", default=[10_000, 38_000, 190_000], help="sizes")
    parser.add_argument("--seed", type=int, default=7, help="of the random numbers")
    parser.add_argument("--kinds", type=int, default=60, help="events of how many kinds")
    options = parser.parse_args(arguments)
    print("matches  incidents  building us  reporting us  writing us  above start MiB")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for size in options.matches:
            row = pool.apply(measure, (size, options.seed, options.kinds))
            print(f"{row[0]:>7}  {row[1]:>9}  {row[2]:>11}  {row[3]:>12}  {row[4]:>10}  {row[5]:>15}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
