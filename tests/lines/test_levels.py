from __future__ import annotations

import pytest

from analyzer.lines import gravest, is_stamped, marks_error, number_severity, stated_level, word_severity
from analyzer.model import Severity

CERTAIN = [
    ("2025-03-04 10:11:12.345 | ERROR    | shop.till:open:12 - shut", Severity.ERROR, "shop.till"),
    ("ERROR:shop.till:shut", Severity.ERROR, "shop.till"),
    ("INFO  [alembic.runtime.migration] Running upgrade", Severity.INFO, "alembic.runtime.migration"),
    ("2025-03-04 10:11:12,345 - shop.till - ERROR - shut", Severity.ERROR, "shop.till"),
    ("shop.till - WARNING - slow", Severity.WARNING, "shop.till"),
    ("[2025-03-04 10:11:12 +0000] [13] [ERROR] Exception in worker process", Severity.ERROR, ""),
    ("ERROR:    Application startup failed. Exiting.", Severity.ERROR, ""),
    ("FATAL:  password authentication failed", Severity.CRITICAL, ""),
    ("LOG:  database system is ready", Severity.INFO, ""),
    ("2025-03-04 10:11:12.345 UTC [12] ERROR:  no such relation", Severity.ERROR, ""),
    ("2025-03-04 10:11:12.345 UTC [12] till@shop FATAL:  the database is starting up", Severity.CRITICAL, ""),
    ("2025-03-04 10:11:12.345 UTC [12]: [3-1] db=shop,user=till ERROR:  no such relation", Severity.ERROR, ""),
    ("psql:/srv/tills.sql:3: ERROR:  no such relation", Severity.ERROR, ""),
    ('time="2025-03-04T10:11:12Z" level=error msg="shut"', Severity.ERROR, ""),
    ("level=warn ts=2025-03-04 msg=slow", Severity.WARNING, ""),
    ("2025-03-04T10:11:12.345Z\tERROR\ttill/open.go:12\tshut", Severity.ERROR, ""),
    (
        "2025-03-04 10:11:12.345 ERROR 1 --- [main] o.s.b.SpringApplication : failed",
        Severity.ERROR,
        "o.s.b.SpringApplication",
    ),
    ("2025-03-04T10:11:12.345Z  WARN 1 --- [shop] [main] c.s.Till : slow", Severity.WARNING, "c.s.Till"),
    ("10:11:12.345 [main] ERROR com.shop.Till - shut", Severity.ERROR, "com.shop.Till"),
    ("2025-03-04 10:11:12,345 INFO  [com.shop.Till] (main) open", Severity.INFO, "com.shop.Till"),
    ("[main] ERROR com.shop.Till - shut", Severity.ERROR, "com.shop.Till"),
    ("ERROR [2025-03-04 10:11:12,345] com.shop.Till: shut", Severity.ERROR, ""),
    ("[ERROR] Failed to execute goal", Severity.ERROR, ""),
    ("SEVERE: shut", Severity.ERROR, ""),
    ("04-Mar-2025 10:11:12.345 SEVERE [main] org.apache.Till shut", Severity.ERROR, ""),
    ("E0304 10:11:12.345678      12 till.go:12] shut", Severity.ERROR, ""),
    ("F0304 10:11:12.345678      12 till.go:12] shut", Severity.CRITICAL, ""),
    ("2025/03/04 10:11:12 ERROR shut till=7", Severity.ERROR, ""),
    ("2025/03/04 10:11:12 [ERROR] shut", Severity.ERROR, ""),
    ("2025-03-04T10:11:12.345Z [WARN]  core: slow", Severity.WARNING, ""),
    ("E, [2025-03-04T10:11:12.345678 #12] ERROR -- : shut", Severity.ERROR, ""),
    ("fail: Shop.Till[20102]", Severity.ERROR, ""),
    ("crit: Shop.Till[1]", Severity.CRITICAL, ""),
    ("[10:11:12 ERR] shut", Severity.ERROR, ""),
    ("2025-03-04 10:11:12.345 +00:00 [WRN] slow", Severity.WARNING, ""),
    ("<11>1 2025-03-04T10:11:12Z till shut", Severity.ERROR, ""),
    ("2025-03-04T10:11:12.345Z pid=1 tid=abc class=Till jid=7 ERROR: shut", Severity.ERROR, ""),
    ("10:11:12.345 request_id=x [error] GenServer terminating", Severity.ERROR, ""),
    ("2025/03/04 10:11:12 [error] 29#29: *1 upstream timed out", Severity.ERROR, ""),
    ("[Tue Mar 04 10:11:12.345678 2025] [core:error] [pid 12] shut", Severity.ERROR, ""),
    ("[2025-03-04 10:11:12] production.ERROR: shut", Severity.ERROR, ""),
    ("[2025-03-04T10:11:12Z ERROR shop::till] shut", Severity.ERROR, ""),
    ("2025-03-04T10:11:12.345678Z ERROR shop::till: shut", Severity.ERROR, "shop::till"),
    ("2025-03-04T10:11:12.345678Z 0 [ERROR] [MY-010123] [Server] shut", Severity.ERROR, ""),
    ("[2025-03-04 10:11:12,345: ERROR/MainProcess] Task failed", Severity.ERROR, ""),
    ("[2025-03-04T10:11:12.345+0000] {till.py:12} ERROR - shut", Severity.ERROR, ""),
    ("[Nest] 12  - 03/04/2025, 10:11:12 AM   ERROR [ExceptionHandler] shut", Severity.ERROR, "ExceptionHandler"),
    ("npm ERR! code ELIFECYCLE", Severity.ERROR, ""),
    ("npm warn deprecated till@1", Severity.WARNING, ""),
    ("ERRO[0012] shut", Severity.ERROR, ""),
    ("/srv/till.py:12: DeprecationWarning: old", Severity.WARNING, ""),
    ("(node:12) Warning: leak", Severity.WARNING, ""),
    ("Mar  4 10:11:12 till-host till[12]: ERROR shut", Severity.ERROR, ""),
    ("2025-03-04 10:11:12,345 CRIT Supervisor is root", Severity.CRITICAL, ""),
    ("2025-03-04 10:11:12.345 error: shut", Severity.ERROR, ""),
    ("[error] shut", Severity.ERROR, ""),
    ("NOTICE:  relation exists, skipping", Severity.NOTICE, ""),
]

MARKED = [
    ("Error: connect ECONNREFUSED", Severity.ERROR),
    ("Error [TillError]: shut", Severity.ERROR),
    ("Exception: shut", Severity.ERROR),
    ("sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) refused", Severity.ERROR),
    ("Traceback (most recent call last):", Severity.ERROR),
    ("panic: nil till", Severity.ERROR),
    ('Exception in thread "main" java.lang.Error: shut', Severity.ERROR),
    ("PHP Fatal error:  Uncaught PDOException: shut", Severity.ERROR),
    ("PHP Warning:  slow", Severity.WARNING),
    ("FAILED: Can't locate revision", Severity.ERROR),
    ("✗ Missing critical user tables: ['tills']", Severity.ERROR),
    ("[U+2717] Missing tables", Severity.ERROR),
    ("❌ not used here", Severity.WARNING),
    ("⚠️ Extra tables in database", Severity.WARNING),
    ("│ Error: no provider", Severity.ERROR),
]

SILENT = [
    "",
    "CRITICAL SECURITY MIGRATION: weak hashes mitigated",
    "CRITICAL failures: 1",
    "Migration 42 completed with 0 errors",
    "0 errors, 3 warnings",
    "✓ No missing critical user tables",
    "2025/03/04 10:11:12 an error message was sent",
    "2025-03-04 10:11:12 till run: no next version found",
    "User wrote: ERROR in my order",
    "[main] open",
    "    at open (till.js:1:2)",
    "informational text",
    "Step 3: Migrations completed",
]


@pytest.mark.parametrize(("line", "severity", "logger"), CERTAIN)
def test_a_level_in_a_levels_place_is_read(line: str, severity: Severity, logger: str) -> None:
    stated = stated_level(line)
    assert stated is not None
    assert stated.certain
    assert (stated.severity, stated.logger) == (severity, logger)


@pytest.mark.parametrize(("line", "severity"), MARKED)
def test_a_line_may_be_marked_by_its_form(line: str, severity: Severity) -> None:
    stated = stated_level(line)
    assert stated is not None
    assert not stated.certain
    assert stated.severity is severity


@pytest.mark.parametrize("line", SILENT)
def test_words_in_running_text_are_no_level(line: str) -> None:
    assert stated_level(line) is None


def test_the_gravest_level_of_several_lines_counts() -> None:
    found = gravest("INFO:shop:opening\nERROR:shop:shut\nINFO:shop:done")
    assert found is not None
    assert (found.severity, found.certain) == (Severity.ERROR, True)


def test_a_warning_outweighs_the_traceback_below_it_and_an_info_does_not() -> None:
    warned = gravest("WARNING:shop:retry\nTraceback (most recent call last):")
    informed = gravest("INFO:shop:retry\nTraceback (most recent call last):")
    assert warned is not None
    assert informed is not None
    assert (warned.severity, informed.severity) == (Severity.WARNING, Severity.ERROR)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INFO:shop:fine", False),
        ("fine\nall of it", False),
        ("FATAL:  no", True),
        ("fine\nTraceback (most recent call last):", True),
    ],
)
def test_error_marks_are_found_on_any_line(text: str, *, expected: bool) -> None:
    assert marks_error(text) is expected


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        (-1, None),
        (0, Severity.EMERGENCY),
        (3, Severity.ERROR),
        (7, Severity.DEBUG),
        (10, Severity.DEBUG),
        (20, Severity.DEBUG),
        (30, Severity.INFO),
        (40, Severity.WARNING),
        (50, Severity.ERROR),
        (60, Severity.CRITICAL),
        (200, Severity.INFO),
        (520, Severity.ERROR),
        (801, None),
    ],
)
def test_numeric_levels_are_syslogs_pinos_or_cloud_loggings(number: float, severity: Severity | None) -> None:
    assert number_severity(number) is severity


def test_level_words_are_read_in_any_case() -> None:
    assert word_severity("Warn") is Severity.WARNING
    assert word_severity("table") is None


def test_a_time_at_its_start_stamps_a_line() -> None:
    assert is_stamped("[2025-03-04 10:11:12] x")
    assert not is_stamped("Ran 3 tests")
