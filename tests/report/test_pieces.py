"""The report as JSON in pieces says to the byte what it says as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.redact import Redacted
from analyzer.report.pieces import json_pieces
from analyzer.safe import json_text
from tests.report.builders import crash_loop, hostile_names, make_report, missing_tables, unknown_error

if TYPE_CHECKING:
    from analyzer.report.document import ReportDocument

REPORT = make_report([hostile_names(), missing_tables(), crash_loop()], [unknown_error()])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\n"\\{}[],:\u202e\u2028😀'), max_size=40)


def whole(document: ReportDocument) -> str:
    return json_text(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


@settings(deadline=None)
@given(TEXTS, st.integers(0, 3), st.integers(0, 1))
def test_pieces_in_a_row_are_the_whole(text: str, incidents: int, unclassified: int) -> None:
    said = Redacted(text)
    document = msgspec.structs.replace(
        REPORT.document,
        environment=said,
        coverage=msgspec.structs.replace(REPORT.coverage, notes=[said], services={said: 1}),
        incidents=[
            msgspec.structs.replace(incident, title=said, services=[said] * number, entities={"name": [said]})
            for number, incident in enumerate(REPORT.incidents[:incidents])
        ],
        unclassified=[msgspec.structs.replace(error, example=said) for error in REPORT.unclassified[:unclassified]],
    )
    assert "".join(json_pieces(document)) == whole(document)


def test_a_report_without_a_window_is_the_same_in_pieces() -> None:
    document = msgspec.structs.replace(REPORT.document, window=None)
    assert "".join(json_pieces(document)) == whole(document)


def test_no_piece_holds_more_than_one_incident() -> None:
    pieces = list(REPORT.json_pieces())
    assert "".join(pieces) == REPORT.to_json()
    assert max(piece.count('"fingerprint":') for piece in pieces) == 1
