"""What the doctor finds out about Cloud Logging."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from analyzer.sources.checks import check_cloud_logging
from analyzer.times import SECOND, format_timestamp
from tests.emulator import Fault
from tests.sources.cloud import entry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.conftest import Start


def test_all_is_well_with_one_call_for_one_entry(emulate: Start) -> None:
    emulator = emulate([{**entry(1), "timestamp": format_timestamp(time.time_ns() - SECOND)}])
    checks = check_cloud_logging(project="acme", services=["backend"])
    assert [(check.name, check.ok) for check in checks] == [
        ("credentials", True),
        ("project", True),
        ("permission", True),
        ("quota", True),
    ]
    assert "60" in checks[-1].detail
    assert not checks[2].hint
    assert [call.page_size for call in emulator.calls] == [1]


def test_a_silent_hour_is_said_but_is_no_failure(emulate: Start) -> None:
    emulate([])
    checks = check_cloud_logging(project="acme")
    assert all(check.ok for check in checks)
    assert "no entry in the last hour" in checks[2].detail


def test_a_missing_permission_is_named_without_trying_again(emulate: Start) -> None:
    emulator = emulate([], faults=[Fault.permission_denied()])
    last = check_cloud_logging(project="acme")[-1]
    assert (last.name, last.ok) == ("permission", False)
    assert "logging.logEntries.list" in last.detail
    assert "roles/logging.viewer" in last.hint
    assert last.status == 3
    assert len(emulator.calls) == 1


def test_a_server_that_does_not_answer_fails_in_time(emulate: Start) -> None:
    emulate([], faults=[Fault.hang()])
    last = check_cloud_logging(project="acme", timeout=0.1)[-1]
    assert not last.ok
    assert "does not answer" in last.detail


def test_a_missing_project_comes_after_the_credentials(emulate: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    emulate([])
    checks = check_cloud_logging()
    assert [(check.name, check.ok) for check in checks] == [("credentials", True), ("project", False)]
    assert "--project" in checks[-1].hint
    assert checks[-1].status == 2


def test_missing_credentials_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LOGGING_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    checks = check_cloud_logging(project="acme")
    assert [(check.name, check.ok) for check in checks] == [("credentials", False)]
    assert "gcloud auth" in checks[0].hint
    assert checks[0].status == 3


@pytest.mark.parametrize("text", ["(a", "severity=>ERROR"])
def test_a_wrong_filter_is_a_failed_check(emulate: Start, text: str) -> None:
    emulate([])
    last = check_cloud_logging(project="acme", filter=text)[-1]
    assert not last.ok
    assert "^" in last.hint
    assert last.status == 2
