"""The query language against its documentation: https://cloud.google.com/logging/docs/view/logging-query-language."""

from __future__ import annotations

import pytest

from tests.emulator.query import FilterError
from tests.emulator.samples import AUDIT, ENTRY, TEXT, holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "-- only a comment",
        'resource.type = "cloud_run_revision"',
        "resource.type=CLOUD_RUN_REVISION",
        'resource.type = "cloud_run_revision" -- why\nseverity>=ERROR',
        "severity=error",
        "severity = ERROR",
        "severity>WARNING",
        "severity<=ERROR",
        "severity != INFO",
        "severity=(INFO OR ERROR)",
        "severity:*",
        "severity>=500",
        'resource.labels."service_name"="API"',
        "resource.labels.service_name:p",
        "labels.instanceId='0087'",
        'labels."run.googleapis.com/execution"=nightly',
        'jsonPayload.message:"TABLE: user"',
        "jsonPayload.message:(missing table)",
        'jsonPayload.message=~"table: \\w+_sessions$"',
        'jsonPayload.message=~"table: \\\\w+_sessions$"',
        'jsonPayload.message=~"(?i)MISSING"',
        'jsonPayload.message=~("nothing" OR "^Missing")',
        'jsonPayload.message !~ "missing"',
        "jsonPayload.attempt=3",
        'jsonPayload.attempt="3.0"',
        "jsonPayload.attempt>2",
        "jsonPayload.attempt > -5",
        "jsonPayload.ratio>=5e-1",
        "jsonPayload.ratio<1.5",
        "jsonPayload.fatal=True",
        "jsonPayload.empty=NULL_VALUE",
        "jsonPayload.empty:*",
        "jsonPayload.sizes<7",
        "jsonPayload.sizes=9",
        "jsonPayload.steps.name=migrate",
        'jsonPayload."foo.bar":apple',
        "jsonPayload:apple",
        "jsonPayload.client:*",
        "httpRequest.status>=500",
        "httpRequest.latency>1s",
        'httpRequest.latency<"1251ms"',
        "httpRequest.latency=1.25s",
        "httpRequest.cacheHit=true",
        'httpRequest.requestMethod=""',
        "http_request.status=503",
        "log_name:stderr",
        "sourceLocation.line=42",
        "split.totalSplits=3",
        "trace:traces",
        'timestamp>="2025-09-10T00:33:54.123456789Z"',
        'timestamp<"2025-09-10T00:33:54.12345679Z"',
        'timestamp="2025-09-10T02:33:54.123456789+02:00"',
        'timestamp>"2025-09-10"',
        "timestamp<2025-09-11",
        'receiveTimestamp>"2025-09-10T00:33:54Z"',
        "user_sessions",
        '"missing TABLE"',
        "503",
        "nightly api",
        "NOT unicorn",
        "-unicorn",
        "-(unicorn OR phoenix)",
        "NOT NOT api",
        'log_id("run.googleapis.com/stderr")',
        "source(projects/shop-staging)",
        "sample(insertId, 1)",
        'ip_in_net(jsonPayload.client.ip, "10.1.2.0/24")',
        'SEARCH("sessions missing")',
        'search(jsonPayload.message, "`MISSING table`")',
        'SEARCH(jsonPayload, "migrate")',
    ],
)
def test_these_hold(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "severity>ERROR",
        "severity<WARNING",
        "resource.type=cloud_run",
        "jsonPayload.end_time=earlier",
        "jsonPayload.endTime:*",
        "jsonPayload.attempt=three",
        "jsonPayload.attempt:4",
        'jsonPayload.attempt=~"3"',
        'jsonPayload.message=~"missing"',
        'jsonPayload.message !~ "Missing"',
        "jsonPayload.sizes>9",
        "jsonPayload.message:(missing unicorn)",
        "jsonPayload.client=x",
        "jsonPayload.fatal=yes",
        "labels.instanceid:*",
        "httpRequest.latency>2s",
        "5032",
        "message",
        'timestamp<"2025-09-10T00:33:54.123456789Z"',
        "timestamp<2025-09-10",
        'log_id("run.googleapis.com%2Fstdout")',
        "source(projects/shop)",
        'ip_in_net(jsonPayload.client.ip, "10.1.3.0/24")',
        'ip_in_net(jsonPayload.message, "10.1.3.0/24")',
        'SEARCH("miss")',
        'SEARCH(jsonPayload.message, "nightly")',
        'SEARCH("`table missing`")',
        "sample(jsonPayload.nothing, 1)",
    ],
)
def test_these_do_not_hold(text: str) -> None:
    assert not holds(text)


def test_an_unset_payload_field_or_label_fails_every_comparison_and_its_negation_holds() -> None:
    for path in ("jsonPayload.nothing", "labels.nothing", "protoPayload.nothing", "resource.labels.nothing"):
        for comparison in ("=foo", "!=foo", ":foo", "<foo", '=~"."', '!~"."', ":*", '=""'):
            assert not holds(path + comparison), path + comparison
            assert holds(f"NOT {path}{comparison}"), path + comparison


def test_an_unset_field_of_the_log_entry_is_compared_as_its_default() -> None:
    assert holds('textPayload=""', AUDIT)
    assert holds("textPayload!=foo", AUDIT)
    assert holds('textPayload!~"foo"', AUDIT)
    assert holds("httpRequest.status<500", AUDIT)
    assert holds("severity=DEFAULT", AUDIT)
    assert holds("severity<WARNING", AUDIT)
    assert not holds("severity>=WARNING", AUDIT)
    assert not holds("severity:*", AUDIT)
    assert not holds("httpRequest:*", AUDIT)


@pytest.mark.parametrize("path", ["thud", "operation.thud", "textPayload.thud", "timestamp.seconds", "message"])
def test_an_undefined_field_is_an_error_before_anything_is_read(path: str) -> None:
    with pytest.raises(FilterError, match=f"Unparseable filter: Field not found: '{path}'"):
        holds(f"{path}=x")


def test_fields_of_audit_entries_are_found_in_either_spelling() -> None:
    assert holds('protoPayload.methodName="google.cloud.run.v1.Services.ReplaceService"', AUDIT)
    assert holds("protoPayload.method_name:ReplaceService", AUDIT)
    assert holds('protoPayload."@type"="type.googleapis.com/google.cloud.audit.AuditLog"', AUDIT)
    assert holds('ip_in_net(protoPayload.requestMetadata.callerIp, "203.0.113.0/24")', AUDIT)


def test_strings_are_compared_folded_but_regular_expressions_are_not() -> None:
    for term in ("straße", "the first", "⚠ hello", "⚠️ HELLO", "ﬁrst"):
        assert holds(f'"{term}"', TEXT), term
    assert not holds('textPayload=~"straße"', TEXT)
    assert not holds('textPayload=~"⚠ H"', TEXT)
    assert holds('textPayload=~"⚠. H"', TEXT)


def test_not_binds_tightest_then_or_then_and() -> None:
    assert holds("api OR unicorn AND unicorn OR api")
    assert not holds("api OR api AND unicorn")
    assert holds('"a" OR NOT "unicorn" AND NOT "phoenix" OR "d"')
    assert not holds("NOT api OR unicorn")
    assert not holds("unicorn api OR api")


def test_lower_case_operators_are_terms() -> None:
    assert not holds("api and nightly")
    assert holds("api or", {**ENTRY, "labels": {"x": "or"}})


def test_the_value_list_takes_operators_of_its_own() -> None:
    assert holds("jsonPayload.message:(missing AND NOT unicorn)")
    assert holds("jsonPayload.message:(-unicorn (phoenix OR table))")
    assert not holds("jsonPayload.message:(NOT missing)")
    assert not holds("insertId = ABC-1 OR ABC-2")


def test_a_key_is_not_searched_but_every_value_is() -> None:
    assert not holds("service_name")
    assert holds("migrate")
    assert holds("true")
    assert holds("0.5")


@pytest.mark.parametrize(
    ("text", "line", "column", "token"),
    [
        ("insertId = abc:def", 1, 15, ":"),
        ("severity>=", 1, 11, "EOF"),
        ("(api", 1, 5, "EOF"),
        ("api)", 1, 4, ")"),
        ("api AND", 1, 8, "EOF"),
        ("OR api", 1, 1, "OR"),
        ("api\nAND AND b", 2, 5, "AND"),
        ("timestamp>=2025-09-10T00:00:00Z", 1, 25, ":"),
        ('api "open', 1, 5, '"open'),
        ("textPayload=~foo", 1, 14, "foo"),
        ("textPayload=*", 1, 13, "*"),
        ("textPayload:foo*", 1, 16, "*"),
        ("resource..type=x", 1, 10, "."),
        ("a = = b", 1, 5, "="),
        ("log_id(,)", 1, 8, ","),
        ('log_id("a" "b")', 1, 12, '"b"'),
        ("~x", 1, 1, "~"),
        ('"\\ud800"', 1, 1, "\\ud800"),
        ("=x", 1, 1, "="),
    ],
)
def test_a_syntax_error_names_line_column_and_token(text: str, line: int, column: int, token: str) -> None:
    with pytest.raises(FilterError) as caught:
        holds(text)
    assert str(caught.value) == f"Unparseable filter: syntax error at line {line}, column {column}, token '{token}'"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("severity>=GRAVE", "cannot convert 'GRAVE'"),
        ('timestamp>="an hour ago"', "cannot convert 'an hour ago'"),
        ('timestamp>="2025-13-01T00:00:00Z"', "cannot convert"),
        ("httpRequest.status=abc", "cannot convert 'abc'"),
        ("httpRequest.latency>5", "cannot convert '5'"),
        ("httpRequest.cacheHit=maybe", "cannot convert 'maybe'"),
        ('httpRequest.status=~"5.."', "regular expressions work on strings"),
        ('textPayload=~"(open"', "invalid regular expression"),
        ('textPayload=~"(a)\\\\1"', "invalid regular expression"),
        ("unknown_function(x)", "unsupported function 'unknown_function'"),
        ("SEARCH()", "wrong arguments"),
        ('SEARCH("...")', "at least one token"),
        ("sample(insertId, 2)", "fraction"),
        ('ip_in_net(trace, "x")', "is no network"),
        ("(" * 80 + "a" + ")" * 80, "nested too deeply"),
        ("-" * 79 + " a", None),
    ],
)
def test_a_filter_that_means_nothing_is_refused(text: str, reason: str | None) -> None:
    if reason is None:
        assert holds(text)  # two dashes begin a comment
        return
    with pytest.raises(FilterError, match="Unparseable filter: ") as caught:
        holds(text)
    assert reason in str(caught.value)


def test_escapes_in_quoted_text_mean_what_they_say() -> None:
    entry = {**TEXT, "textPayload": 'a "quoted" \\ tab\there é'}
    for text in (r'"a \"quoted\" \\ tab\there"', r"'a \"quoted\"'", r'"\u00e9"', r'"\x61 "', r'"\141 "'):
        assert holds(text, entry), text
