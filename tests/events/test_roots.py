from __future__ import annotations

import time

import pytest

from analyzer.events.roots import root_line
from tests.events.corpus import TRACES


@pytest.mark.parametrize(
    ("message", "root"),
    [
        ("TillError: shut", ""),
        ("Opening:\n  tills\n  coins", ""),
        (
            'ERROR:    Traceback (most recent call last):\n  File "/a.py", line 1, in a\n    f()\nTillError: shut',
            "TillError: shut",
        ),
        ("start-up failed\n" + TRACES[0].text, TRACES[0].root),
        ("Error: cannot open\n\nCaused by:\n    0: till is shut\n    1: no key", "no key"),
        ("Error: cannot open\n\nCaused by:\n    no key\n\nLocation:\n    src/till.rs:3", "no key"),
        ("x\nCaused by:", ""),
        (
            "thread 'main' panicked at 'till is shut', src/till.rs:12:5\nnote: run with `RUST_BACKTRACE=1`",
            "thread 'main' panicked at 'till is shut', src/till.rs:12:5",
        ),
        ("thread 'main' panicked at src/till.rs:12:5:", ""),
        ("Till is shut\nand locked\n    at open (/srv/till.js:1:2)", "and locked"),
        ("    at open (/srv/till.js:1:2)\n    at main (/srv/main.js:1:2)", ""),
        ('Traceback (most recent call last):\n  File "/a.py", line 1, in a', ""),
    ],
)
def test_the_root_of_other_forms(message: str, root: str) -> None:
    assert root_line(message) == root


def test_a_nested_suppressed_cause_is_not_the_root() -> None:
    text = (
        "com.shop.TillException: shut\n\tat com.shop.Till.open(Till.java:3)\n"
        "\tSuppressed: com.shop.CloseException: stuck\n\t\tat com.shop.Till.close(Till.java:9)\n"
        "\tCaused by: com.shop.RustException: rusty\n\t\tat com.shop.Till.close(Till.java:8)"
    )
    assert root_line(text) == "com.shop.TillException: shut"


@pytest.mark.parametrize("line", ["^", "\n", "\n ", "at ", "---> ", "Caused by: ", "[a] "])
def test_long_text_is_read_in_linear_time(line: str) -> None:
    began = time.perf_counter()
    root_line(line * 20_000 + "\n\tat x")
    assert time.perf_counter() - began < 2
