"""Names of the files that debug logs go to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analyzer.safe import slug
from analyzer.times import local_date, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.report.document import ReportedIncident

__all__ = ["file_names"]


def file_names(incidents: Sequence[ReportedIncident], zone: str) -> dict[str, str]:
    """Fingerprint to ``<slug>_<YYYYMMDD>.md``, the day its first failure was in ``zone``.

    Names are made of ``[a-z0-9_]``. Incidents that would share a name all get their fingerprint into it, so that a name
    does not depend on their order.
    """
    stems = {
        incident.fingerprint: f"{slug(incident.title)}_{local_date(parse_timestamp(incident.first_seen), zone)}"
        for incident in incidents
    }
    shared = Counter(stems.values())
    return {
        fingerprint: f"{stem}.md" if shared[stem] == 1 else f"{stem}_{slug(fingerprint, 16)}.md"
        for fingerprint, stem in stems.items()
    }
