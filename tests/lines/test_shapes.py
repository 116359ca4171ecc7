from __future__ import annotations

import pytest

from analyzer.lines import Kind, continues, kind_of

KINDS = [
    ("", Kind.BLANK),
    ("   ", Kind.BLANK),
    ("INFO:shop:open", Kind.RECORD),
    ("2025-03-04 10:11:12 open", Kind.RECORD),
    ("✓ Tables are there", Kind.RECORD),
    ("  ✗ Tables are missing", Kind.RECORD),
    ('10.0.0.1 - - [04/Mar/2025:10:11:12 +0000] "GET / HTTP/1.1" 200 9', Kind.RECORD),
    ("  2025-03-04 10:11:12 open", Kind.RECORD),
    ("Traceback (most recent call last):", Kind.HEAD),
    ("panic: nil till", Kind.HEAD),
    ("goroutine 1 [running]:", Kind.HEAD),
    ("/srv/shop/till.js:12", Kind.HEAD),
    ("During handling of the above exception, another exception occurred:", Kind.BRIDGE),
    ("Caused by: com.shop.TillException: shut", Kind.BRIDGE),
    ("  [cause]: TypeError: shut", Kind.BRIDGE),
    ('  File "/srv/till.py", line 3, in open', Kind.FRAME),
    ("\tat com.shop.Till.open(Till.java:3)", Kind.FRAME),
    ("    at open (/srv/till.js:1:2)", Kind.FRAME),
    ("\tfrom /srv/till.rb:3:in 'open'", Kind.FRAME),
    ("#0 /srv/till.php(12): open()", Kind.FRAME),
    ("\t... 12 more", Kind.FRAME),
    ("[SQL: SELECT 1]", Kind.TAIL),
    ("[SQL:", Kind.TAIL),
    ("DETAIL:  There is none.", Kind.TAIL),
    ("2025-03-04 10:11:12.345 UTC [12] HINT:  Try another.", Kind.TAIL),
    ("LINE 1: SELECT", Kind.TAIL),
    ("}", Kind.TAIL),
    ("        ^^^", Kind.INDENT),
    ("shop.TillError: shut", Kind.EXCEPTION),
    ("PG::UndefinedTable: no tills", Kind.EXCEPTION),
    ("Till is open", Kind.TEXT),
]


@pytest.mark.parametrize(("line", "kind"), KINDS)
def test_each_line_is_of_a_kind(line: str, kind: Kind) -> None:
    assert kind_of(line) is kind


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("    raise TillError", True),
        ("\n  indented after a blank line", True),
        ("DETAIL:  There is none.", True),
        ("shop.TillError: shut", True),
        ("The above exception was the direct cause of the following exception:", True),
        ('" does not exist', True),
        ("{'tills', 'coins'}", True),
        ('"till" is open', False),
        ("Till is open", False),
        ("ERROR:shop:shut", False),
        ("", False),
    ],
)
def test_parts_of_a_larger_record_are_recognised(message: str, *, expected: bool) -> None:
    assert continues(message) is expected
