"""Reads of a log bucket's view, with the real client against a server that speaks SQL."""

from __future__ import annotations

import builtins
import concurrent.futures
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions as api
from google.auth.exceptions import RefreshError, TransportError

from analyzer.errors import CredentialsError, LoganalyzeError, PermissionDeniedError, SourceError, UsageError
from analyzer.model import LogEntry, Notice, Window
from analyzer.sources._bigquery import Jobs, open_client
from analyzer.sources.bigquery import BigQuery
from analyzer.sources.checks import check_bigquery
from analyzer.times import SECOND
from tests.bigquery import PROJECT, TABLE
from tests.sources.cloud import HOUR, START, Clock, entry, ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bigquery import Server

FAILING = "log_entry LIKE '%failed%'"


def source(**options: Any) -> BigQuery:
    return BigQuery(**{"table": TABLE, **options})


def read(reader: BigQuery, window: Window | None = HOUR) -> tuple[list[LogEntry], list[Notice]]:
    items = list(reader.read(window))
    return [one for one in items if not isinstance(one, Notice)], [one for one in items if isinstance(one, Notice)]


def is_failing(entry: LogEntry) -> bool:
    return "failed" in entry["textPayload"]


def test_the_entries_of_the_window_come_oldest_first(bigquery: Server) -> None:
    bigquery.fill([entry(3600), entry(2), entry(0), entry(1), entry(-1)])
    reader = source()
    entries, notices = read(reader)
    assert entries == [{**entry(at), "receiveTimestamp": entry(at)["receiveTimestamp"][:-4] + "Z"} for at in range(3)]
    assert notices == []
    assert reader.info.kind == "bigquery"
    assert (reader.info.name, reader.info.project, reader.calls) == (TABLE, "", 1)
    assert bigquery.run(reader.info.filter)[0][2].startswith('{"log_name"')


def test_without_a_window_all_is_read(bigquery: Server) -> None:
    bigquery.fill([entry(-9_999_999), entry(9_999_999)])
    assert len(read(source(), None)[0]) == 2


def test_services_and_logs_narrow_the_read(bigquery: Server) -> None:
    job = entry(3)
    job["resource"] = {"type": "cloud_run_job", "labels": {"job_name": "auth"}}
    other = {**entry(4, service="auth"), "logName": "projects/x/logs/requests"}
    bigquery.fill([entry(1), entry(2, service="auth"), job, other])
    assert ids(read(source(services=["auth"]))[0]) == ["id-000002", "id-000003", "id-000004"]
    scope = {"services": ["auth"], "log_names": ["projects/acme/logs/run.googleapis.com/stderr"]}
    assert ids(read(source(**scope))[0]) == ["id-000002", "id-000003"]


def test_short_names_of_logs_are_those_of_the_project(bigquery: Server) -> None:
    mine = {**entry(1), "logName": f"projects/{PROJECT}/logs/run.googleapis.com%2Fstderr"}
    bigquery.fill([mine, entry(2)])
    assert ids(read(source(log_names=["run.googleapis.com/stderr"]))[0]) == ["id-000001"]


def test_copies_are_counted_once_and_told(bigquery: Server) -> None:
    bigquery.fill([entry(1), entry(2), entry(1)])
    entries, notices = read(source())
    assert ids(entries) == ["id-000001", "id-000002"]
    assert notices == [Notice("1 entries came twice and were counted once", duplicates=1)]


def test_what_stands_around_a_finding_is_read_too(bigquery: Server) -> None:
    near = [entry(number) for number in (96, 99, 104)]
    far = [entry(50), entry(100, service="auth"), entry(300)]
    bigquery.fill([*near, *far, entry(100, text="it failed", at=100 * SECOND + 1_000)])
    reader = source(pushdown=FAILING, interesting=is_failing, context=5 * SECOND, notes=["a note"])
    entries, notices = read(reader)
    assert ids(entries) == ["id-000100", "id-000096", "id-000099", "id-000104"]
    assert notices == [Notice("a note")]
    assert reader.calls == 2
    rows = bigquery.run(reader.info.filter)
    assert len(rows) == 4


def test_where_nothing_is_needed_one_entry_is_a_sign_of_life(bigquery: Server) -> None:
    bigquery.fill([entry(2), entry(1)])
    entries, notices = read(source(pushdown=FAILING))
    assert ids(entries) == ["id-000001"]
    assert "one other was read as a sign" in notices[0].text


def test_a_limit_cuts_the_read_and_says_so(bigquery: Server) -> None:
    bigquery.fill(entry(number) for number in range(5))
    entries, notices = read(source(limit=3))
    assert len(entries) == 3
    assert notices[0].incomplete
    assert "the limit of 3 entries was reached; entries up to 2025-09-10T00:33:53Z" in notices[0].text
    assert not read(source(limit=5))[1]


def test_a_window_of_receive_times_ends_with_the_newest_entry(bigquery: Server) -> None:
    late = {**entry(1, text="it failed"), "receiveTimestamp": "2025-09-10T00:40:00Z"}
    bigquery.fill([entry(1, text="it failed", at=7), late, entry(5), entry(4)])
    window = Window(START, START + 10 * SECOND, received=True)
    assert ids(read(source(pushdown=FAILING), window)[0]) == ["id-000001", "id-000005"]


def test_many_rows_come_in_pages_and_the_progress_is_told(bigquery: Server) -> None:
    bigquery.fill(entry(number) for number in range(2_500))
    told: list[int] = []
    entries, _ = read(source(progress=lambda entries, _: told.append(entries)))
    assert len(entries) == 2_500
    assert told == [1_000, 2_000, 2_500]


def test_a_table_that_is_no_log_buckets_view_is_named(bigquery: Server) -> None:
    bigquery.run(f"CREATE OR REPLACE TABLE `{PROJECT}.logs.other` AS SELECT 1 AS x")
    with pytest.raises(SourceError, match=r"BigQuery refuses the query: .*timestamp") as caught:
        read(source(table="logs.other", project=PROJECT))
    assert "check that acme-staging.logs.other is the view of a log bucket" in caught.value.hint


@pytest.mark.parametrize(
    ("table", "kind", "said"),
    [
        ("logs.nope", SourceError, "there is no view acme-staging.logs.nope in BigQuery: Not found"),
        ("nope.nope", SourceError, "there is no view acme-staging.nope.nope in BigQuery: Not found: Dataset"),
        ("other.a.b", PermissionDeniedError, "the credentials may not query other.a.b: Access Denied"),
    ],
)
def test_a_view_that_is_not_there_is_named(bigquery: Server, table: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        read(source(table=table, project=PROJECT))


def test_a_server_that_cannot_be_reached_is_told_of_when_the_call_has_had_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="BigQuery cannot be reached: "):
        read(source(call_deadline=SECOND // 10))


def test_a_view_without_a_name_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(UsageError, match="which view has the entries"):
        source(table="")


def test_without_a_project_there_is_nobody_to_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(UsageError, match="no Google Cloud project is known"):
        read(source(table="logs"))


def test_without_credentials_a_read_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CredentialsError, match="no Google Cloud credentials"):
        read(source())


def test_without_the_library_a_read_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == "google.cloud.bigquery":
            raise ModuleNotFoundError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match="reading from BigQuery needs google-cloud-bigquery") as caught:
        open_client(PROJECT)
    assert caught.value.hint == "pip install 'loganalyze[bigquery]'"


class Broken:
    """A client whose queries come to nothing."""

    project = PROJECT

    def __init__(self, error: BaseException, *, job: bool = False) -> None:
        self._error = error
        self._in_job = job
        self.cancelled = False
        self.total_bytes_processed = 0

    def query(self, *_: object, **__: object) -> Broken:
        if not self._in_job:
            raise self._error
        return self

    def result(self, **_: object) -> None:
        raise self._error

    def cancel(self, **_: object) -> None:
        self.cancelled = True

    def close(self) -> None:
        pass


def forbidden(reason: str, text: str) -> api.Forbidden:
    kind: Any = api.Forbidden
    found: api.Forbidden = kind(text, errors=[{"reason": reason, "message": text}])
    return found


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (api.Unauthorized("no"), CredentialsError, "Google refuses the credentials: no"),  # type: ignore[no-untyped-call]
        (RefreshError("gone"), CredentialsError, "the credentials do not work any more: "),  # type: ignore[no-untyped-call]
        (TransportError("cut"), SourceError, "BigQuery cannot be reached: "),  # type: ignore[no-untyped-call]
        (forbidden("accessDenied", "no bigquery.jobs.create"), PermissionDeniedError, "may not query .* no bigquery"),
        (forbidden("quotaExceeded", "too much"), SourceError, "BigQuery does not run the query: too much"),
        (forbidden("accessNotConfigured", "API has not been used"), SourceError, "the BigQuery API is not enabled"),
        (api.InternalServerError("oops"), SourceError, "BigQuery failed: oops"),  # type: ignore[no-untyped-call]
        (concurrent.futures.TimeoutError(), SourceError, "the read would take longer than 10 min"),
    ],
)
def test_each_failure_says_what_it_means(error: Exception, kind: type[LoganalyzeError], said: str) -> None:
    client: Any = Broken(error)
    with pytest.raises(kind, match=said) as caught:
        read(source(connect=lambda _: client))
    assert caught.value.hint


def test_a_query_that_takes_too_long_is_cancelled() -> None:
    client: Any = Broken(concurrent.futures.TimeoutError(), job=True)
    with pytest.raises(SourceError, match="the read would take longer than 1 min") as caught:
        read(source(connect=lambda _: client, deadline=60 * SECOND))
    assert client.cancelled
    assert caught.value.hint == "read a shorter window, or fewer services"


def test_an_interrupted_query_is_cancelled() -> None:
    client: Any = Broken(KeyboardInterrupt(), job=True)
    with pytest.raises(KeyboardInterrupt):
        read(source(connect=lambda _: client))
    assert client.cancelled


def test_a_query_that_cannot_be_cancelled_is_told_of_as_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise api.ServiceUnavailable("gone")  # type: ignore[no-untyped-call]

    client: Any = Broken(concurrent.futures.TimeoutError(), job=True)
    monkeypatch.setattr(client, "cancel", refuse)
    with pytest.raises(SourceError, match="the read would take longer than 10 min"):
        read(source(connect=lambda _: client))


def test_a_read_that_breaks_off_tells_how_far_it_came(bigquery: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bigquery.fill(entry(number) for number in range(1_500))
    real = Jobs.pages

    def breaking(self: Jobs, *args: Any, **options: Any) -> Iterator[Any]:
        yield next(real(self, *args, **options))
        raise SourceError("the line was cut")

    monkeypatch.setattr(Jobs, "pages", breaking)
    entries, notices = read(source())
    assert len(entries) == 1_000
    assert notices[0].incomplete
    assert "the read ended early: the line was cut; entries up to 2025-09-10T00:50:30Z were read" in notices[0].text


def test_what_a_read_cost_is_told_where_bigquery_says_it(bigquery: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bigquery.fill([entry(1)])
    from google.cloud.bigquery import QueryJob  # noqa: PLC0415

    monkeypatch.setattr(QueryJob, "total_bytes_processed", 12_345_678)
    assert read(source())[1] == [Notice("BigQuery read 12.3 MB for this")]


def test_the_client_is_imported_only_where_it_is_used() -> None:
    import subprocess  # noqa: PLC0415

    code = (
        "import sys, analyzer.sources.bigquery, analyzer.sources.checks, analyzer.cli.source\n"
        "assert not [name for name in sys.modules if name.startswith(('google.cloud', 'google.api_core'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def checked(**options: Any) -> list[tuple[str, bool, str]]:
    return [(one.name, one.ok, one.detail) for one in check_bigquery(**{"table": TABLE, **options})]


def test_the_doctor_says_what_an_hour_costs(bigquery: Server) -> None:
    assert checked() == [
        ("credentials", True, f"none needed: BIGQUERY_EMULATOR_HOST={bigquery.host}"),
        ("project", True, PROJECT),
        ("permission", True, f"{TABLE} can be queried"),
        ("cost", True, "BigQuery would read 0 bytes for the last hour"),
    ]


def test_the_doctor_stops_at_what_does_not_work(bigquery: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one[:2] for one in checked(table="logs.nope", project=PROJECT)][-1] == ("permission", False)
    assert [one[:2] for one in checked(table="a.b.c.d")] == [("table", False)]
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    assert [one[:2] for one in checked(table="logs")][-1] == ("project", False)
    assert bigquery.host


def test_a_read_ends_when_its_time_is_up(bigquery: Server) -> None:
    bigquery.fill(entry(number) for number in range(1_500))
    clock = Clock()
    entries, notices = read(source(clock=clock, deadline=5 * SECOND, progress=lambda *_: clock.sleep(60)))
    assert len(entries) == 1_000
    assert notices[0].incomplete
    assert "the read would take longer than 5 s" in notices[0].text
