from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.events import join
from analyzer.model import Severity
from tests.events.building import MICRO, MILLI, entry, lines
from tests.events.corpus import TRACES, Trace

if TYPE_CHECKING:
    import random

RECORDS = (
    "2025-03-04 10:11:12,345 INFO shop.web GET /basket 200",
    'INFO:     10.0.0.1:80 - "GET / HTTP/1.1" 200 OK',
    "2025-03-04 10:11:12.345 | DEBUG    | shop.till:open:12 - opened",
    "[2025-03-04 10:11:12 +0000] [7] [INFO] Booting worker with pid: 7",
    "WARNING:shop.till:slow till",
)
by_name = pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)


@by_name
def test_a_traceback_printed_line_by_line_is_one_event(trace: Trace) -> None:
    entries = lines(trace.text)
    (event,) = join(entries)
    assert event.insert_ids == tuple(one.insert_id for one in entries)
    assert event.message == trace.text
    assert event.root == trace.root
    assert event.severity >= Severity.ERROR


@by_name
def test_a_traceback_in_one_entry_names_its_root(trace: Trace) -> None:
    (event,) = join([entry(trace.text)])
    assert event.root == trace.root
    assert event.severity >= Severity.ERROR


@by_name
def test_lines_of_one_time_are_put_in_the_order_that_makes_sense(trace: Trace) -> None:
    entries = [entry(line, insert_id=f"{at:04d}") for at, line in enumerate(trace.text.split("\n"))]
    (forward,) = join(entries)
    (backward,) = join(entries[::-1])
    assert forward == backward
    assert forward.message == trace.text


@st.composite
def cut(draw: st.DrawFn) -> tuple[Trace, list[str]]:
    """A traceback cut into entries at any of its line ends."""
    trace = draw(st.sampled_from(TRACES))
    parts: list[str] = []
    for at, line in enumerate(trace.text.split("\n")):
        if at and draw(st.booleans()):
            parts[-1] += "\n" + line
        elif at:
            parts.append(line)
        else:
            parts = [line]
    return trace, parts


@given(cut(), cut(), st.randoms(use_true_random=False), st.lists(st.sampled_from(RECORDS), max_size=12))
def test_pieces_of_two_instances_among_other_records_come_apart_right(
    one: tuple[Trace, list[str]], two: tuple[Trace, list[str]], dice: random.Random, records: list[str]
) -> None:
    """However the lines are cut, interleaved and ordered, each traceback is one event with all its insertIds."""
    entries = []
    expected = {}
    for instance, (trace, parts) in (("i-1", one), ("i-2", two)):
        mine = [entry(part, at * 40 * MICRO, instance=instance) for at, part in enumerate(parts)]
        expected[instance] = (tuple(each.insert_id for each in mine), trace)
        entries += mine
        entries += [
            entry(text, dice.randrange(1, 40) * 40 * MICRO + 17, instance=instance, insert_id=f"r{at}-{instance}")
            for at, text in enumerate(records)
        ]
    dice.shuffle(entries)
    events = join(entries)
    for ids, trace in expected.values():
        (event,) = [event for event in events if ids[0] in event.insert_ids]
        assert event.insert_ids == ids
        assert event.root == trace.root
    assert sum(len(event.entries) for event in events) == len(entries)


@given(cut(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter_where_times_differ(
    one: tuple[Trace, list[str]], dice: random.Random
) -> None:
    entries = [entry(part, at * MILLI) for at, part in enumerate([*one[1], *RECORDS, "All done."])]
    shuffled = entries[:]
    dice.shuffle(shuffled)
    assert join(entries) == join(entries[::-1]) == join(shuffled)


def test_two_instances_that_crash_in_the_same_millisecond_are_two_events() -> None:
    trace = TRACES[3]
    one, two = lines(trace.text, instance="i-1"), lines(trace.text, instance="i-2")
    mixed = [each for pair in zip(one, two, strict=True) for each in pair]
    events = join(mixed)
    assert [event.insert_ids for event in events] == [
        tuple(each.insert_id for each in one),
        tuple(each.insert_id for each in two),
    ]


def test_lines_of_one_instance_but_of_two_logs_stay_apart() -> None:
    head = entry("Traceback (most recent call last):")
    frame = entry(
        '  File "/srv/a.py", line 1, in a', 10, logName="projects/shop-staging/logs/run.googleapis.com%2Fstdout"
    )
    assert len(join([head, frame])) == 2


def test_a_chain_in_multi_line_pieces_with_a_bridge_without_severity_is_one_event() -> None:
    part = 'Traceback (most recent call last):\n  File "/srv/till.py", line {n}, in f{n}\n    f()\n{error}\n'
    bridge = "\nDuring handling of the above exception, another exception occurred:\n\n"
    entries = [
        entry(part.format(n=1, error="KeyError: 'till'"), 0, severity="ERROR"),
        entry(bridge, 1 * MILLI),
        entry(part.format(n=2, error="shop.CacheMiss: till"), 2 * MILLI, severity="ERROR"),
        entry(bridge, 3 * MILLI),
        entry(part.format(n=3, error="RuntimeError: start-up failed"), 4 * MILLI, severity="ERROR"),
    ]
    (event,) = join(entries[::-1])
    assert len(event.insert_ids) == 5
    assert event.root == "KeyError: 'till'"
    assert event.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('FATAL:  database "till_dev', '" does not exist'),
        ("⚠️ Extra tables in database not defined in models:", "{'baskets', 'coins'}"),
        ("⚠️ Extra tables in database not defined in models:", "   {'baskets', 'coins'}"),
        (
            '2025-03-04 10:00:00.000 UTC [12] ERROR:  column "a" does not exist at character 8',
            "DETAIL:  There is none.",
        ),
        (
            '2025-03-04 10:00:00.000 UTC [12] ERROR:  column "a" does not exist at character 8',
            "2025-03-04 10:00:00.000 UTC [12] STATEMENT:  SELECT a FROM b",
        ),
        ("ERROR [alembic.util.messaging] Can't locate revision", "FAILED: Can't locate revision"),
        ("INFO sqlalchemy.engine.Engine SELECT tills.id", "FROM tills"),
        ("fail: Shop.Till[1]", "      Till is shut"),
        ("Process SpawnProcess-1:", "Traceback (most recent call last):"),
        ("ERROR:shop:start-up failed", "Traceback (most recent call last):"),
        ("Error during start-up:", "TillError: shut"),
    ],
)
def test_what_belongs_to_the_line_before_joins_it(first: str, second: str) -> None:
    (event,) = join([entry(first), entry(second, 50 * MICRO)])
    assert event.message == f"{first}\n{second}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("INFO:shop:ready", "Traceback (most recent call last):"),
        ("ERROR:shop:one", "ERROR:shop:two"),
        ("Missing tables:", "2025-03-04 10:11:12,345 INFO shop.web GET /basket 200"),
        ("Validating:", "✗ Missing table: tills"),
        ("Validating:", "  ✗ Missing table: tills"),
        ("Trying again", "Trying again"),
        ("RuntimeError: shut", "Traceback (most recent call last):"),
        ("Till is open", "TillError: shut"),
        ("Till is open", "/srv/till.rb:12:in 'open'"),
        ("Till is open", "}"),
        ("Till is open", "The above exception was the direct cause of the following exception:"),
        ("ERROR:shop:bad", "goes on as usual"),
    ],
)
def test_what_begins_anew_joins_nothing(first: str, second: str) -> None:
    assert [event.message for event in join([entry(first), entry(second, 50 * MICRO)])] == [first, second]


def test_requests_and_audited_calls_join_nothing() -> None:
    head = entry("Traceback (most recent call last):")
    request = entry("", 10, httpRequest={"requestMethod": "GET", "requestUrl": "/a", "status": 503}, textPayload=None)
    call = entry("", 20, protoPayload={"methodName": "m", "status": {"message": "  indented"}}, textPayload=None)
    frame = entry('  File "/srv/a.py", line 1, in a', 30)
    events = join([head, request, call, frame])
    assert [len(event.entries) for event in events] == [2, 1, 1]


def test_a_json_record_with_a_level_of_its_own_joins_only_as_part_of_a_traceback() -> None:
    def line(text: str, at: int) -> object:
        return entry("", at, textPayload=None, jsonPayload={"level": "error", "message": text})

    trace = TRACES[0].text.split("\n")
    joined = join([line(text, at) for at, text in enumerate(trace)])  # type: ignore[misc]
    assert len(joined) == 1
    assert len(join([line("Checked:", 0), line("  all tills", 1)])) == 2  # type: ignore[list-item]


def test_a_line_more_than_a_second_later_is_not_joined() -> None:
    assert len(join([entry("Traceback (most recent call last):"), entry("    late()", 1_001 * MILLI)])) == 2


def test_a_record_that_lasts_ends_after_ten_seconds() -> None:
    entries = [entry("Dump:"), *(entry(f"  {at}", at * 900 * MILLI) for at in range(1, 30))]
    events = join(entries)
    assert events[0].entries[-1].time - events[0].time <= 10_000 * MILLI
    assert len(events) == 3


def test_an_event_holds_at_most_400_lines_and_256_kib() -> None:
    many = join([entry("Dump:"), *(entry(f"  {at}", at * MICRO) for at in range(1, 1000))])
    assert [len(event.entries) for event in many] == [400, 400, 200]
    large = join([entry("Dump:"), *(entry("  " + "x" * 100_000, at * MICRO) for at in range(1, 6))])
    assert all(len(event.message) <= 256 * 1024 for event in large)


def test_a_warning_that_prints_a_traceback_stays_a_warning() -> None:
    (event,) = join(lines("WARNING:shop:retrying\n" + TRACES[0].text))
    assert event.severity is Severity.WARNING
    (graver,) = join([entry("Till is shut:", severity="CRITICAL"), entry("   details", 10)])
    assert graver.severity is Severity.CRITICAL


def test_frames_that_no_head_precedes_are_still_one_event() -> None:
    frames = "\n".join(TRACES[0].text.split("\n")[1:])
    (event,) = join(lines(frames))
    assert event.root == ""


def test_events_come_in_order_of_time() -> None:
    events = join([entry("two", 20), entry("one", 10), entry("three", 30, instance="i-0")])
    assert [event.message for event in events] == ["one", "two", "three"]


def test_no_entries_make_no_events() -> None:
    assert join([]) == []


def test_lines_of_one_second_keep_the_order_they_were_printed_in() -> None:
    printed = ["Checking tables", "✗ Missing tables: tills", "- Mode: strict", "- Failures: 1"]
    entries = [
        entry("INFO:shop:before", -MILLI),
        *(entry(text, insert_id=text[-3:]) for text in printed),
        entry("x", MILLI),
    ]
    for order in (entries, entries[::-1]):
        assert [event.message for event in join(order)][1:-1] == printed


def test_lines_of_one_second_that_came_shuffled_go_by_their_insert_ids() -> None:
    entries = [entry(f"line {at}", at // 3 * MILLI, insert_id=f"{at:02d}") for at in range(12)]
    shuffled = [entries[at] for at in (5, 0, 9, 2, 7, 1, 11, 3, 8, 4, 10, 6)]
    assert [event.message for event in join(shuffled)] == [f"line {at}" for at in range(12)]


def test_each_burst_of_a_stream_is_put_in_the_order_that_makes_it_whole() -> None:
    trace = TRACES[0].text
    came = [entry(line, insert_id=f"{99 - at}") for at, line in enumerate(trace.split("\n"))]
    against = [entry(line, 5_000 * MILLI, insert_id=f"{at:02d}") for at, line in enumerate(trace.split("\n"))]
    assert [event.message for event in join([*came, *against[::-1]])] == [trace, trace]


def test_two_workers_of_one_instance_that_crash_in_step_are_two_whole_events() -> None:
    trace = TRACES[0].text
    one, two = lines(trace), lines(trace, start=7 * MICRO)
    events = join([*one, *two])
    assert [event.message for event in events] == [trace, trace]
