"""Times, counts and verdicts in words, the same in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.times import SECOND, format_duration, format_local, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.report.document import ReportedIncident

__all__ = ["Stamp", "count_of", "deploy_sentence", "heading_time", "lower_first", "stamp"]


class Stamp(msgspec.Struct, frozen=True):
    """A time in UTC, and as clocks of the report's zone show it where that is another."""

    utc: str
    local: str

    def __str__(self) -> str:
        """``2025-09-10T00:33:54Z (2025-09-09 17:33:54 PDT)``."""
        return f"{self.utc} ({self.local})" if self.local else self.utc


def stamp(time: str, zone: str) -> Stamp:
    """A report's time (RFC 3339) with its local time where ``zone`` is not UTC."""
    return Stamp(time, "" if zone in ("UTC", "Etc/UTC") else format_local(parse_timestamp(time), zone))


def heading_time(times: Sequence[str]) -> str:
    """The second that all times fall in, or the seconds they begin and end in."""
    seconds = sorted({parse_timestamp(time) // SECOND * SECOND for time in times})
    first, last = format_timestamp(seconds[0]), format_timestamp(seconds[-1])
    return first if first == last else f"{first} to {last}"


def count_of(count: int, noun: str) -> str:
    """``1 time``, ``1,204 times``; nouns in y change it."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def lower_first(text: str) -> str:
    """``text`` for the middle of a sentence; a word in capitals stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def deploy_sentence(incident: ReportedIncident) -> str:
    """Whether the failure was there before the deploy."""
    deploy = incident.deploy
    if deploy is None:
        return "No deploy was seen in what was read."
    revision = f"revision `{deploy.revision}`" if deploy.revision else "the deploy"
    when = f"({deploy.timestamp})"
    if deploy.failed_before:
        return f"Present before the deploy: the same failure was seen before {revision} {when}."
    after = (
        ""
        if deploy.delay is None
        else f"first seen {format_duration(round(deploy.delay * SECOND))} after {revision} {when}"
    )
    if deploy.failed_before is None:
        told = f"{after[:1].upper()}{after[1:]}; what" if after else "What"
        return f"{told} was read before it is too short to tell whether the failure was there before."
    return f"{after[:1].upper()}{after[1:]}, and not before." if after else f"Not seen before {revision} {when}."
