"""What a mask says, every text with that mask says."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.columns import zeros
from analyzer.lines import continues, gravest
from analyzer.skim import masks
from analyzer.skim.masks import digits_count, masked, may_be_masked
from tests.skim.lines import NAMES, TEXTS

UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def mask_of(text: str) -> str:
    (mask,) = masked(zeros([text]))
    return mask


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        (f"order {UUID} placed", "order 0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a placed"),
        (f"order a{UUID[1:]}", "order aa0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a"),
        ("req_12345678abcd done", "req_0a0a0a0a0a0a done"),
        ("/f/fedcba9876543210a.pdf", "/f/aa0a0a0a0a0a0a0a0.pdf"),
        ("short 12345678abc", "short 00000000abc"),
        ("word deadbeefdeadbeef", "word deadbeefdeadbeef"),
        ("number 123456789012", "number 000000000000"),
        ("time 1234567890abcdef", "time 0000000000abcdef"),
        ("CAPITALS 12345678ABCDEF", "CAPITALS 00000000ABCDEF"),
        ("a12345678abcdefz", "a00000000abcdefz"),
        ("0x12345678abcdef", "0x00000000abcdef"),
        ("level=e2345678abcdef", "level=e0000000abcdef"),
        ('severity="e2345678abcdef"', 'severity="e0000000abcdef"'),
        ("id=e2345678abcdef", "id=aa0a0a0a0a0a0a"),
        (f"{UUID}-{UUID}", f"{mask_of(UUID)}-{mask_of(UUID)}"),
    ],
)
def test_digests_and_uuids_are_alike_and_nothing_else_is(text: str, mask: str) -> None:
    assert mask_of(text) == mask
    assert masked(["\0", mask, "a\0b"]) == ["\0", mask, "a\0b"]
    assert masked([mask, ""]) == [mask, ""]
    assert masked([]) == []


@pytest.mark.parametrize("end", ["", "g", "_", "-", "é"])
def test_a_long_run_is_gone_through_once_whatever_stands_behind_it(end: str) -> None:
    run = "a0" * 5_000
    assert [found[0] for found in masks._NAME.finditer(f"{run}{end}")] == [run]
    assert (mask_of(run + end) == run + end) is end.isalnum()


def test_many_empty_lines_are_gone_through_once() -> None:
    assert masks._DIGITS_COUNT.search("a" + "\n" * 1_000_000) is None
    assert digits_count("a\n\n \t<13>b")


@pytest.mark.parametrize(
    ("literal", "may"),
    [
        ("p1001", True),
        ("add", True),
        ("ADD", True),
        ("impossible to add", True),
        ("bad config", True),
        ("fed-", True),
        ("_e", True),
        ("failed", False),
        ("deadlock found", False),
        ("loaded", False),
        ("addé", False),
        ("-", False),
        ("", False),
    ],
)
def test_what_may_lie_in_a_digest_is_known(literal: str, may: bool) -> None:
    assert may_be_masked(literal) is may


SIGNS = st.text("adef019 -_:/=.é", max_size=3)
NAMED = st.lists(SIGNS | NAMES | st.just("level="), max_size=6).map("".join)


@settings(max_examples=500, deadline=None)
@given(NAMED, st.integers(0, 60), st.integers(1, 20))
@example(f"x {UUID[:-3]}add", 30, 12)
def test_what_stands_in_a_text_stands_in_its_mask_unless_it_may_be_masked(text: str, start: int, length: int) -> None:
    literal = text[start : start + length]
    assert may_be_masked(literal) or literal in mask_of(text)
    assert len(mask_of(text)) == len(text)


LEVELS = st.sampled_from(
    ["ERROR ", "ERROR: ", "[error] ", "level=", "10:00:00 ", "E0101 10:00:00.1 ", "  at ", "", "File "]
)
LINES = st.builds("{}{}{}".format, LEVELS, NAMED, st.sampled_from(["", " ERROR x", "=3 ERROR x", ": denied", ":12"]))


@settings(max_examples=1000, deadline=None)
@given((TEXTS | LINES).filter(lambda text: not digits_count(mask_of(text))))
@example("1234567890abcdef=3 ERROR x")
@example("ERROR AB12345678CD x")
@example("level=e2345678abcdef x")
def test_a_mask_is_as_grave_as_its_text_and_goes_on_as_it_does(text: str) -> None:
    mask = mask_of(text)
    first, second = gravest(text), gravest(mask)
    assert (first and (first.severity, first.certain)) == (second and (second.severity, second.certain))
    assert continues(text) == continues(mask)
