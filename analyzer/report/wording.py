"""Times, counts and verdicts in words, the same in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.times import SECOND, format_duration, format_local, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.report.document import ReportedIncident

__all__ = ["Stamp", "count_of", "deploy_sentence", "heading_time", "is_utc", "lower_first", "stamp"]


class Stamp(msgspec.Struct, frozen=True):
    """A time in UTC, and as clocks of the report's zone show it where that is another."""

    utc: str
    local: str

    def __str__(self) -> str:
        """``2025-09-10T00:33:54Z (2025-09-09 17:33:54 PDT)``."""
        return f"{self.utc} ({self.local})" if self.local else self.utc

    @property
    def short(self) -> str:
        """``2025-09-10T00:33:54Z (17:33:54 PDT)``: for lines whose day is plain from their heading."""
        return f"{self.utc} ({self.local.partition(' ')[2]})" if self.local else self.utc


def stamp(time: str, zone: str) -> Stamp:
    """A report's time (RFC 3339) with its local time where ``zone`` is not UTC."""
    return Stamp(time, "" if is_utc(zone) else format_local(parse_timestamp(time), zone))


def is_utc(zone: str) -> bool:
    """Whether clocks of a zone (IANA name) show UTC, so that its time need not stand beside it."""
    return zone in ("UTC", "Etc/UTC", "Zulu", "Etc/Zulu")


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


def deploy_sentence(incident: ReportedIncident, zone: str) -> str:
    """Whether the failure was there before the deploy; times with those of ``zone`` beside them."""
    deploy = incident.deploy
    if deploy is None:
        return "No deploy was seen in what was read."
    revision = f"revision `{deploy.revision}`" if deploy.revision else "the deploy"
    when = f"of {stamp(deploy.timestamp, zone).short}"
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
