"""Whatever happens to log, clock, publisher and process: every entry counts once, every incident is told.

The model is a set of entries. An audit makes passes over the same log while things go wrong, and must end with the
model's counts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from analyzer.audit.cases import Case, Status, load_cases
from analyzer.audit.passes import run_pass
from analyzer.audit.store import open_store
from analyzer.publish import Kind
from analyzer.settings import AuditSettings
from analyzer.times import SECOND
from tests.audit.world import DAY, HOUR, MINUTE, START, Board, Clock, Log, entry, parts

_OVERLAP = 2 * MINUTE
_SERVICES = ("api", "web")
_WAITS = st.sampled_from([0, 3 * SECOND, 70 * SECOND, 16 * MINUTE])
_STEPS = (
    "before a window",
    "after the read",
    "incidents",
    "outbox",
    "before the commit",
    "after the commit",
    "before the call",
    "after the call",
    "after its record",
)


class _Failure(NamedTuple):
    """A failure that was logged: whose, when it is said to have happened, and when it was received."""

    service: str
    stamped: int
    received: int

    def allows(self, resolved_at: int) -> bool:
        """Whether an incident with it may have been resolved then and be so still.

        It came so long before that all was quiet since, or it came later and had happened before. How long ago it
        happened says nothing by itself: an entry may be stamped days before it is received.
        """
        if self.received < resolved_at:
            return self.received < resolved_at - AuditSettings().resolve_after
        return self.stamped < resolved_at


class _CrashError(BaseException):
    """The process ends here."""


class Audits(RuleBasedStateMachine):
    """An audit and the world it runs in."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = open_store(str(self.folder / "state.db"))
        self.clock = Clock()
        self.log = Log(self.clock.now)
        self.board = Board()
        self.written: list[_Failure] = []
        self.steps = 0

    @rule(
        service=st.sampled_from(_SERVICES),
        failing=st.booleans(),
        delay=st.sampled_from([0, 0, 90 * SECOND, _OVERLAP]),
        stamped=st.integers(-2 * DAY, DAY - 1),
        copies=st.integers(1, 2),
    )
    def log_an_entry(self, service: str, failing: bool, delay: int, stamped: int, copies: int) -> None:
        """An entry is received now; it shows later, stamped early or late, and perhaps twice."""
        number = len(self.log.entries) + 1
        text = "tables_missing" if failing else "all is well"
        at = self.clock.true + stamped
        one = entry(number, text, at=at, received=self.clock.true, service=service)
        for _ in range(copies):
            self.log.add(one, shows=self.clock.true + delay)
        self.log.entries.sort(key=lambda item: item[1]["insertId"], reverse=number % 2 == 0)
        if failing:
            self.written.append(_Failure(service, at, self.clock.true))

    @rule(time=st.sampled_from([SECOND, 70 * SECOND, 70 * SECOND, 16 * MINUTE, 3 * HOUR, 30 * HOUR, 70 * HOUR]))
    def time_passes(self, time: int) -> None:
        self.clock.true += time

    @rule(wrong=st.sampled_from([0, 0, DAY, -DAY, HOUR, -90 * SECOND]))
    def the_clock_is_moved(self, wrong: int) -> None:
        self.clock.wrong = wrong

    @rule(failing=st.booleans())
    def the_board_goes_away_or_comes_back(self, failing: bool) -> None:
        self.board.failing = failing

    @rule(wait=_WAITS)
    def a_pass(self, wait: int) -> None:
        self.clock.true += wait
        run_pass(parts(self.store, self.log, self.clock, self.board, since=START - DAY))

    @rule(wait=_WAITS, at=st.sampled_from(_STEPS))
    def a_pass_that_crashes(self, wait: int, at: str) -> None:
        self.clock.true += wait

        def step(name: str) -> None:
            if name == at:
                raise _CrashError

        try:
            run_pass(parts(self.store, self.log, self.clock, self.board, since=START - DAY, step=step))
        except _CrashError:
            self.store.close()
            self.store = open_store(str(self.folder / "state.db"))

    @rule(wait=_WAITS, cut=st.integers(0, 5))
    def a_pass_whose_read_is_cut(self, wait: int, cut: int) -> None:
        self.log.cut = cut
        try:
            self.a_pass(wait)
        finally:
            self.log.cut = None

    @invariant()
    def nothing_counts_twice(self) -> None:
        known = Counter(failure.service for failure in self.written)
        assert all(count <= known[service] for service, count in self.counts().items())

    def check_the_end(self) -> None:
        """With a right clock, a board, and time for what is late, all is counted and told."""
        self.clock.wrong = 0
        self.board.failing = False
        self.a_pass(_OVERLAP + 5 * SECOND)
        self.a_pass(0)
        assert self.counts() == Counter(failure.service for failure in self.written)
        told = self.board.told.values()
        for case in self.cases().values():
            mine = [publication for publication in told if publication.fingerprint == case.fingerprint]
            assert [publication.kind for publication in mine].count(Kind.NEW) == 1
            assert mine[0].kind is Kind.NEW
            assert mine[-1].count == case.count or mine[-1].kind is Kind.RESOLVED
            assert case.document.count == case.count
            assert (case.resolved_at is not None) == (case.status is Status.RESOLVED)
            if case.resolved_at is not None:
                failures = [failure for failure in self.written if failure.service == case.document.cause.service]
                assert all(failure.allows(case.resolved_at) for failure in failures)

    def cases(self) -> dict[str, Case]:
        with self.store.begin() as connection:
            return dict(load_cases(connection))

    def counts(self) -> Counter[str]:
        return Counter({case.document.cause.service: case.count for case in self.cases().values()})

    def teardown(self) -> None:
        try:
            if self.written:
                self.check_the_end()
        finally:
            self.store.close()
            shutil.rmtree(self.folder, ignore_errors=True)


TestAudits = Audits.TestCase
TestAudits.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
