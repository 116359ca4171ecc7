"""Passes over a log that grows: what counts, what is told, and where the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from analyzer.audit import desk, memory
from analyzer.audit.cases import Case, Status, load_cases
from analyzer.audit.passes import PassResult, run_pass
from analyzer.audit.store import open_store
from analyzer.errors import SourceError, StateError
from analyzer.model import SourceInfo
from analyzer.publish import Kind
from analyzer.rule import Level
from analyzer.settings import Settings
from analyzer.times import SECOND
from tests.audit.world import DAY, HOUR, MINUTE, START, Board, Clock, Log, entry, parts

if TYPE_CHECKING:
    from analyzer.audit.store import Store


def cases(store: Store) -> list[Case]:
    with store.begin() as connection:
        return list(load_cases(connection).values())


def only(store: Store) -> Case:
    (case,) = cases(store)
    return case


def after(clock: Clock, time: int, store: Store, log: Log, board: Board) -> PassResult:
    """A pass some time later."""
    clock.true += time
    return run_pass(parts(store, log, clock, board))


def test_an_incident_is_new_then_ongoing_then_resolved_then_back(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    assert after(clock, MINUTE, store, log, board).summary.incidents.new == 1
    log.add(entry(2, at=clock.true + SECOND), shows=0)
    assert after(clock, 15 * MINUTE, store, log, board).summary.incidents.ongoing == 1
    assert only(store).status is Status.ONGOING
    log.add(entry(3, "all is well", at=clock.true + 30 * HOUR), shows=0)
    assert after(clock, 31 * HOUR, store, log, board).summary.incidents.resolved == 1
    assert only(store).status is Status.RESOLVED
    log.add(entry(4, at=clock.true + SECOND), shows=0)
    assert after(clock, MINUTE, store, log, board).summary.incidents.regressed == 1
    assert board.kinds() == [Kind.NEW, Kind.ONGOING, Kind.RESOLVED, Kind.REGRESSED]
    assert only(store).count == 3
    assert only(store).document.count == 3


def test_a_pass_without_news_tells_nothing(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, board)
    again = after(clock, MINUTE, store, log, board).summary
    assert (again.entries, again.again, again.published) == (0, 1, 0)
    assert board.kinds() == [Kind.NEW]
    assert only(store).status is Status.NEW


def test_an_entry_that_comes_twice_counts_once(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1), entry(1), entry(2), shows=0)
    after(clock, MINUTE, store, log, Board())
    log.add(entry(1), entry(2))
    after(clock, MINUTE, store, log, Board())
    assert only(store).count == 2


def test_a_late_entry_is_counted_in_a_later_pass(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, at=START))
    log.add(entry(2, at=START + SECOND), shows=START + 110 * SECOND)
    after(clock, MINUTE, store, log, Board())
    log.add(entry(3, "all is well", at=clock.true))
    assert only(store).count == 1
    after(clock, MINUTE, store, log, Board())
    assert only(store).count == 2


def test_what_is_as_late_as_the_overlap_is_found_though_later_entries_came_before_it(
    store: Store, log: Log, clock: Clock
) -> None:
    log.add(entry(1, at=START), shows=START + 20 * MINUTE)
    log.add(entry(2, at=START + 19 * MINUTE), shows=0)
    clock.true += 19 * MINUTE + 3 * SECOND
    run_pass(parts(store, log, clock, overlap=20 * MINUTE))
    assert only(store).count == 1
    clock.true += MINUTE
    run_pass(parts(store, log, clock, overlap=20 * MINUTE))
    assert only(store).count == 2


def test_a_publication_stays_as_it_was_once_it_has_been_tried(store: Store, log: Log, clock: Clock) -> None:
    board = Board()

    def crash(name: str) -> None:
        if name == "after the call":
            raise KeyboardInterrupt

    log.add(entry(1, at=START))
    clock.true += MINUTE
    with pytest.raises(KeyboardInterrupt):
        run_pass(parts(store, log, clock, board, step=crash))
    log.add(entry(2, at=clock.true), shows=0)
    after(clock, MINUTE, store, log, board)
    assert [(told.kind, told.count) for told in board.told.values()] == [(Kind.NEW, 1), (Kind.ONGOING, 2)]
    assert board.calls == 3


def test_a_late_entry_of_a_resolved_incident_is_no_regression(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, board)
    end = clock.true + 30 * HOUR
    log.add(entry(2, "all is well", at=end), shows=0)
    after(clock, 31 * HOUR, store, log, board)
    log.add(entry(3, at=START + HOUR, received=clock.true - SECOND))
    after(clock, MINUTE, store, log, board)
    assert (only(store).status, only(store).count) == (Status.RESOLVED, 2)
    assert board.kinds() == [Kind.NEW, Kind.RESOLVED]


def test_what_comes_again_in_the_moment_of_resolution_is_a_regression(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, board)
    clock.true += 30 * HOUR
    # The pass that finds silence sees this one, and lets it wait: more may belong to it.
    log.add(entry(2, at=clock.true), entry(3, "all is well", at=clock.true))
    after(clock, SECOND, store, log, board)
    assert only(store).count == 1
    after(clock, MINUTE, store, log, board)
    assert (only(store).status, only(store).count) == (Status.REGRESSED, 2)
    assert board.kinds() == [Kind.NEW, Kind.RESOLVED, Kind.REGRESSED]


@pytest.mark.parametrize(
    ("before", "status"), [(10 * MINUTE, Status.REGRESSED), (10 * MINUTE + 1, Status.RESOLVED)], ids=["at it", "before"]
)
def test_what_waits_in_the_pass_that_resolves_is_a_return_only_if_it_happened_since(
    store: Store, log: Log, clock: Clock, before: int, status: Status
) -> None:
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, Board())
    clock.true += 30 * HOUR
    # An incident is resolved as of the floor, ten minutes before the latest entry; this one happened around then.
    log.add(entry(2, at=clock.true - before, received=clock.true))
    after(clock, SECOND, store, log, Board())
    assert (only(store).resolved_at, only(store).count) == (clock.true - SECOND - 10 * MINUTE, 1)
    after(clock, MINUTE, store, log, Board())
    assert (only(store).status, only(store).count) == (status, 2)


def test_an_entry_stamped_in_the_future_or_long_ago_is_read_when_it_is_received(
    store: Store, log: Log, clock: Clock
) -> None:
    log.add(entry(1, at=START + DAY - SECOND, received=START), entry(2, at=START - 29 * DAY, received=START), shows=0)
    after(clock, MINUTE, store, log, Board())
    assert only(store).count == 2
    assert only(store).first_seen == START - 29 * DAY


def test_a_consequence_that_comes_in_the_next_pass_belongs_to_its_cause(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, "tables_missing", at=START))
    after(clock, MINUTE, store, log, Board())
    log.add(entry(2, "boot_failed", at=START + 2 * MINUTE), shows=0)
    after(clock, 15 * MINUTE, store, log, Board())
    case = only(store)
    assert case.count == 2
    assert {rule.name: rule.count for rule in case.document.rules} == {"tables_missing": 1, "boot_failed": 1}


def test_a_consequence_that_comes_long_after_its_cause_is_still_its_own(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, "tables_missing", at=START), entry(2, "boot_failed", at=START + SECOND), shows=0)
    after(clock, MINUTE, store, log, Board())
    for hour in (1, 2, 3):
        log.add(entry(2 + hour, "boot_failed", at=START + hour * HOUR), shows=0)
        after(clock, HOUR, store, log, Board())
    assert only(store).count == 5


def test_an_orphan_whose_cause_comes_later_is_explained(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(2, "boot_failed", at=START + SECOND), shows=0)
    after(clock, MINUTE, store, log, board)
    log.add(entry(1, "tables_missing", at=START, received=clock.true))
    log.add(entry(3, "boot_failed", at=clock.true + SECOND, received=clock.true + SECOND), shows=0)
    after(clock, MINUTE, store, log, board)
    by_rule = {case.document.cause.rule: case for case in cases(store)}
    assert by_rule["tables_missing"].status is Status.NEW
    assert by_rule["boot_failed"].status is Status.RESOLVED
    assert sum(case.count for case in cases(store)) == 3


def test_a_record_that_a_window_cuts_is_counted_when_it_is_whole(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, 'ERROR: tables_missing in "app', at=START + 59 * SECOND), shows=0)
    after(clock, MINUTE, store, log, Board())
    assert cases(store) == []
    log.add(entry(2, '" of the first shard', at=START + 60 * SECOND - 500_000_000), shows=0)
    after(clock, MINUTE, store, log, Board())
    assert only(store).count == 1
    assert only(store).document.entries.core == ["id1", "id2"]


def test_after_a_pause_it_catches_up_in_bounded_steps_and_says_so(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(0, at=START))
    after(clock, MINUTE, store, log, Board())
    log.windows.clear()
    log.add(*(entry(n, at=START + n * HOUR) for n in range(1, 48)), shows=0)
    result = after(clock, 2 * DAY, store, log, Board())
    assert result.summary.steps == len(log.windows) == 8
    assert "catching up" in " ".join(result.summary.notes)
    assert max(window.end - window.start for window in log.windows) <= 7 * HOUR
    assert only(store).count == 48


def test_a_pause_of_a_year_without_entries_ends_in_few_steps(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, Board())
    assert after(clock, 365 * DAY, store, log, Board()).summary.steps < 20


def test_several_steps_of_one_pass_make_one_publication(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(*(entry(n, at=START + n * HOUR) for n in range(24)), shows=0)
    after(clock, DAY, store, log, board)
    (told,) = board.told.values()
    assert (told.kind, told.count) == (Kind.NEW, 24)
    assert "24 events" in told.body


def test_a_read_that_is_cut_keeps_what_came_and_reads_the_window_again(store: Store, log: Log, clock: Clock) -> None:
    log.add(*(entry(n, at=START + n * SECOND) for n in range(10)), shows=0)
    log.cut = 4
    cut = after(clock, MINUTE, store, log, Board())
    assert cut.read_failed
    assert only(store).count == 4
    log.cut = None
    whole = after(clock, MINUTE, store, log, Board())
    assert not whole.read_failed
    assert only(store).count == 10
    assert log.windows[0].start == log.windows[1].start


def test_a_source_that_fails_loses_nothing_and_what_waits_is_told(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    board.failing = True
    log.add(entry(1, at=START))
    assert after(clock, MINUTE, store, log, board).publish_failed
    board.failing = False
    log.failure = SourceError("the network is away")
    failed = after(clock, MINUTE, store, log, board)
    assert failed.read_failed
    assert failed.summary.errors == ["the network is away"]
    assert board.kinds() == [Kind.NEW]
    log.failure = None
    log.add(entry(2, at=clock.true - SECOND))
    after(clock, MINUTE, store, log, board)
    assert only(store).count == 2


def test_what_cannot_be_published_waits_and_is_told_once(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    board.failing = True
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, board)
    for n in range(2, 5):
        log.add(entry(n, at=clock.true), shows=0)
        after(clock, MINUTE, store, log, board)
    assert after(clock, MINUTE, store, log, board).summary.pending == 2
    board.failing = False
    after(clock, MINUTE, store, log, board)
    assert [(told.kind, told.count) for told in board.told.values()] == [(Kind.NEW, 1), (Kind.ONGOING, 4)]


@pytest.mark.parametrize("wrong", [DAY, -DAY])
def test_a_clock_that_is_wrong_by_a_day_for_a_while_loses_nothing(
    store: Store, log: Log, clock: Clock, wrong: int
) -> None:
    board = Board()
    for n in range(12):
        clock.wrong = wrong if 3 <= n < 7 else 0
        log.add(entry(n, at=clock.true + SECOND), shows=0)
        after(clock, 15 * MINUTE, store, log, board)
    assert only(store).count == 12
    assert only(store).status is not Status.RESOLVED
    assert board.kinds().count(Kind.NEW) == 1
    assert Kind.RESOLVED not in board.kinds()


def test_seen_keys_are_pruned_to_what_can_come_again(store: Store, log: Log, clock: Clock) -> None:
    for n in range(50):
        log.add(entry(n, "all is well", at=clock.true + SECOND), shows=0)
        after(clock, 5 * MINUTE, store, log, Board())
    with store.begin() as connection:
        assert len(memory.load_seen(connection, 0)) <= 3


def test_incidents_below_the_wanted_severity_are_not_kept(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, at=START))
    clock.true += MINUTE
    settings = msgspec.structs.replace(Settings(), min_severity=Level.CRITICAL)
    run_pass(parts(store, log, clock, settings=settings))
    assert cases(store) == []


def test_a_state_belongs_to_one_project(store: Store, log: Log, clock: Clock) -> None:
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, Board())
    log.info = SourceInfo("memory", "log", project="other")
    with pytest.raises(StateError, match="the state is of acme"):
        after(clock, MINUTE, store, log, Board())


def test_a_secret_has_one_surrogate_in_all_passes_and_never_reaches_the_state(
    store: Store, log: Log, clock: Clock
) -> None:
    board = Board()
    for n in range(2):
        log.add(entry(n, "tables_missing for ilse@example.org", at=clock.true + SECOND), shows=0)
        after(clock, MINUTE, store, log, board)
    first, second = board.told.values()
    start = first.body.index("[email:")
    surrogate = first.body[start : start + len("[email:123456]")]
    assert surrogate in second.body
    assert "ilse@example.org" not in first.body + second.body + str(only(store).document)


@pytest.mark.parametrize(
    "text", ["tables_missing \ud800 half", "tables_missing \x00 nothing", "tables_missing 🚢 \u202e"]
)
def test_text_that_databases_refuse_is_kept_all_the_same(target: str, log: Log, clock: Clock, text: str) -> None:
    board = Board()
    store = open_store(target)
    log.add(entry(1, text, at=START, service="a\x00b"))
    after(clock, MINUTE, store, log, board)
    log.add(entry(2, text, at=clock.true, service="a\x00b"), shows=0)
    after(clock, MINUTE, store, log, board)
    assert only(store).count == 2
    assert board.kinds() == [Kind.NEW, Kind.ONGOING]
    store.close()


def test_a_muted_incident_is_counted_and_not_told(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    after(clock, MINUTE, store, log, board)
    case = only(store)
    with store.begin() as connection:
        desk.mute(connection, case, "known", clock.true)
    log.add(entry(2, at=clock.true), shows=0)
    after(clock, MINUTE, store, log, board)
    assert (only(store).count, only(store).shown.status, board.kinds()) == (2, "muted", [Kind.NEW])
