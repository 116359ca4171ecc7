from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from analyzer.incidents import cluster
from analyzer.ruleset.draft import draft, fixed_parts, look_alikes
from tests.cli.conftest import text_entry
from tests.incidents.builders import event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    """A capture with two unknown errors among look-alikes."""
    path = tmp_path / "unknown.json"
    texts = [
        "ERROR:app.ledger:the ledger of jo@example.org is off by 3 cents",
        "ERROR:app.ledger:the ledger of ann@example.org is off by 12 cents",
        "INFO:app.ledger:the ledger of ann@example.org was off by 12 cents and is mended",
        "ERROR:app.mail:the postman has gone",
    ]
    path.write_text(json.dumps([text_entry(n, text) for n, text in enumerate(texts)]), encoding="utf-8")
    return path


def test_a_draft_passes_check_and_test_as_it_is_and_then_matches(
    run: Callable[..., Done], unknown: Path, tmp_path: Path
) -> None:
    done = run("rules", "draft", "--from", str(unknown), "--output", "drafted_rule.yml")
    assert done.status == 0, done.err
    rule = str(tmp_path / "drafted_rule.yml")
    assert run("rules", "check", rule).status == 0
    assert run("rules", "test", rule).err.endswith("0 failed\n")
    lines = run("rules", "match", str(unknown), "--no-pack", "--rules", rule, "--format", "json").out.splitlines()
    assert [json.loads(line)["insert_ids"] for line in lines] == [["id0"], ["id1"]]


def test_a_draft_holds_look_alikes_of_the_capture_and_no_address(run: Callable[..., Done], unknown: Path) -> None:
    text = run("rules", "draft", "--from", str(unknown)).out
    assert "is mended" in text
    assert "example.org" not in text
    assert "[email:" in text


def test_an_id_or_its_beginning_chooses_the_error(run: Callable[..., Done], unknown: Path) -> None:
    report = json.loads(run("file", str(unknown), "--format", "json").out)
    (chosen,) = [one["id"] for one in report["unclassified"] if "postman" in one["template"]]
    assert "the postman has gone" in run("rules", "draft", chosen[:6], "--from", str(unknown)).out


def test_an_unknown_id_lists_the_known_ones(run: Callable[..., Done], unknown: Path) -> None:
    done = run("rules", "draft", "ffff", "--from", str(unknown))
    assert done.status == 2
    assert "postman" in done.err


def test_a_capture_whose_errors_are_all_known_has_nothing_to_draft(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(json.dumps([text_entry(1, "all is well")]), encoding="utf-8")
    done = run("rules", "draft", "--from", "known.json")
    assert done.status == 2
    assert "no error that no rule knows" in done.err


def test_an_error_without_words_cannot_be_drafted() -> None:
    (one,) = cluster([event("17 42")])
    with pytest.raises(ValueError, match="nothing"):
        draft(one, "17 42", [])


def test_only_what_an_example_holds_is_searched_for() -> None:
    template = "user <*> of tenant <*> has no quota / QuotaError: none left"
    assert fixed_parts(template, "user 7 of tenant x has no quota\nQuotaError: none left") == [
        "user",
        "of tenant",
        "has no quota",
        "QuotaError: none left",
    ]


def test_look_alikes_never_hold_what_the_rule_looks_for() -> None:
    others = ["the ledger is off again", "the ledger is fine", "something else"]
    assert look_alikes(["is off"], "the ledger is off", others) == ["the ledger is fine", "something else"]
    assert look_alikes(["is off"], "x", ["is off"]) == ["0 errors, all is well"]
