"""The built-in incident: an honest copy of what the API gives, the same on every run, moved to end now."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from analyzer.model import SourceInfo, Window
from analyzer.sources.decoding import LOG_ENTRY_FIELDS
from analyzer.sources.sample import Sample
from analyzer.times import SECOND, parse_duration, parse_timestamp
from tests.sources.files import parted

NOW = parse_timestamp("2025-09-10T00:46:00.123456789Z")
MINUTE = 60 * SECOND


@pytest.fixture(scope="module")
def entries() -> list[Any]:
    return parted(Sample(NOW).read(None))[0]


def text(entry: Any) -> str:
    return str(entry.get("textPayload", ""))


def times(entries: list[Any], part: str) -> list[int]:
    return sorted(parse_timestamp(entry["timestamp"]) for entry in entries if part in text(entry))


def test_it_ends_now_and_spans_most_of_an_hour(entries: list[Any]) -> None:
    stamps = [parse_timestamp(entry["timestamp"]) for entry in entries]
    assert NOW - 10 * SECOND < max(stamps) < NOW
    assert 50 * MINUTE < NOW - min(stamps) < 56 * MINUTE
    assert 2_000 < len(entries) < 5_000


def test_it_is_the_same_story_whenever_it_ends(entries: list[Any]) -> None:
    def told(items: list[Any]) -> list[object]:
        return [(entry.get("jsonPayload"), entry.get("httpRequest"), entry["resource"]) for entry in items]

    assert parted(Sample(NOW).read(None))[0] == entries
    assert told(parted(Sample(NOW + 86_400 * SECOND).read(None))[0]) == told(entries)


def test_the_failures_come_seconds_after_migrations_that_say_completed(entries: list[Any]) -> None:
    (deploy,) = [entry for entry in entries if "ReplaceService" in str(entry.get("protoPayload"))]
    completed = times(entries, "Step 3: Migrations completed")
    missing = times(entries, "✗ Missing critical user tables: [")
    assert len(completed) == len(missing) == 2
    assert parse_timestamp(deploy["timestamp"]) < completed[0] < missing[0] < completed[0] + 5 * SECOND
    assert 11 * MINUTE < NOW - missing[0] < 13 * MINUTE


@pytest.mark.parametrize(
    "line",
    [
        "✗ Golden path validation failed: ",
        "⚠️ Extra tables in database not defined in models: {",
        "✗ Service dependency validation FAILED",
        "Migration Mode: factory_preferred",
        "Startup validation: BYPASSED (BYPASS_STARTUP_VALIDATION=true)",
        "Context impl PostgresqlImpl",
        "Will assume transactional DDL",
    ],
)
def test_the_story_s_lines_stand_on_the_new_revision_without_severity(entries: list[Any], line: str) -> None:
    found = [entry for entry in entries if line in text(entry)]
    assert len(found) == 2
    assert len({entry["labels"]["instanceId"] for entry in found}) == 2
    for entry in found:
        assert "severity" not in entry
        assert entry["resource"]["labels"]["revision_name"] == "booking-api-00042-dun"


def test_sign_ins_fail_after_the_deploy_and_not_before(entries: list[Any]) -> None:
    tried = [entry["httpRequest"] | {"at": entry["timestamp"]} for entry in entries if "httpRequest" in entry]
    logins = [request for request in tried if request["requestUrl"].endswith("/login")]
    failed = [request for request in logins if request["status"] == 500]
    assert len(failed) >= 15
    assert max(parse_timestamp(request["at"]) for request in logins if request["status"] == 200) < min(
        parse_timestamp(request["at"]) for request in failed
    )
    assert sum("UndefinedTableError" in text(entry) for entry in entries) == len(failed)


def test_an_unknown_error_and_benign_look_alikes_stand_among_them(entries: list[Any]) -> None:
    assert len(times(entries, "ERROR:booking.ledger:batch")) == 5
    for line in ("✓ No missing critical user tables", "14 passed, 0 failed", "validation passed"):
        assert len(times(entries, line)) == 1
    assert any(entry.get("jsonPayload", {}).get("error") for entry in entries if entry.get("severity") == "INFO")


def test_every_entry_looks_as_the_api_gives_it(entries: list[Any]) -> None:
    keys = set()
    for entry in entries:
        assert entry.keys() <= LOG_ENTRY_FIELDS
        assert {"insertId", "logName", "receiveTimestamp", "resource", "timestamp"} <= entry.keys()
        assert sum(kind in entry for kind in ("textPayload", "jsonPayload", "protoPayload", "httpRequest")) == 1
        assert parse_timestamp(entry["timestamp"]) <= parse_timestamp(entry["receiveTimestamp"]) < NOW
        assert re.fullmatch(r"projects/[\w-]+/logs/[\w.%]+", entry["logName"])
        instance = entry.get("labels", {}).get("instanceId", "0" * 200)
        assert re.fullmatch(r"[0-9a-f]{200}", instance)
        keys.add((entry["logName"], entry["timestamp"], entry["insertId"]))
    assert len(keys) == len(entries)
    plain = [entry for entry in entries if "stderr" in entry["logName"]]
    assert all("severity" not in entry for entry in plain)


def test_requests_are_stamped_with_their_start_and_received_after_their_end(entries: list[Any]) -> None:
    requests = [entry for entry in entries if "httpRequest" in entry]
    assert len(requests) > 1_000
    for entry in requests:
        end = parse_timestamp(entry["timestamp"]) + parse_duration(entry["httpRequest"]["latency"])
        assert end <= parse_timestamp(entry["receiveTimestamp"]) + 1_000


def test_a_window_holds_only_its_entries(entries: list[Any]) -> None:
    window = Window(NOW - 20 * MINUTE, NOW - 10 * MINUTE)
    some = parted(Sample(NOW).read(window))[0]
    assert 0 < len(some) < len(entries)
    assert all(parse_timestamp(entry["timestamp"]) in window for entry in some)


def test_it_is_made_at_once_and_says_what_it_is() -> None:
    began = time.perf_counter()
    list(Sample(NOW).read(None))
    # It takes about 35 ms on the slowest machine seen; the bound leaves room for a busy one.
    assert time.perf_counter() - began < 0.5
    assert Sample(NOW).info == SourceInfo("sample", "built-in staging incident")
