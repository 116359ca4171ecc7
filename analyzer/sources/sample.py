"""The built-in staging incident: a source that needs no account, the same on every run but for its end.

The lines of ``story`` stand among a few thousand ordinary entries of four Cloud Run services and a database, drawn from
a fixed seed.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from analyzer.model import SourceInfo
from analyzer.sources.shaping import Shaper
from analyzer.sources.story import (
    API,
    API_BEFORE,
    API_NEW,
    API_SECOND,
    AUTH,
    DEPLOY,
    LINES,
    LOGIN_ERROR,
    SQL_ERROR,
    WEB,
    WORKER,
    Origin,
)
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry, Notice, Window

__all__ = ["Sample"]

_SEED = 20_250_910
_SPAN = 55 * 60.0
_QUIET = 2.0
_REQUESTS = 1_500
_TRAFFIC_MOVED = DEPLOY + 24.0
_SECOND_READY = DEPLOY + 106.0

_OTHERS = {
    AUTH: Origin(AUTH, "booking-auth-00017-vip", 5),
    WEB: Origin(WEB, "booking-web-00063-nyt", 6),
    WORKER: Origin(WORKER, "booking-worker-00009-mol", 7),
}
_LOGIN = ("POST", "/api/session/login")
_PRIVATE = "/api/bookings"
_ROUTES = (
    (14, WEB, "GET", "/", 200),
    (12, WEB, "GET", "/assets/app.8f2c1e.js", 200),
    (9, WEB, "GET", "/berths", 200),
    (1, WEB, "GET", "/favicon.ico", 404),
    (12, API, "GET", "/api/berths?port=Vlissingen", 200),
    (10, API, "GET", _PRIVATE, 200),
    (3, API, "POST", _PRIVATE, 201),
    (7, API, *_LOGIN, 200),
    (6, API, "GET", "/api/tides/today", 200),
    (1, API, "GET", "/validate", 200),
    (9, AUTH, "GET", "/keys.json", 200),
    (9, AUTH, "POST", "/introspect", 200),
)
_WEIGHTS = [route[0] for route in _ROUTES]
_TASKS = ("tide tables refreshed", "reminders sent", "berth prices recomputed", "expired holds released")
_GUESTS = ("m.dekker@example.com", "ilse@example.org", "p.aalto@example.net", "tomas@example.com")


class Sample:
    """A source that tells the built-in incident.

    Args:
        now: Nanoseconds since the epoch at which the sample ends; it begins about 55 minutes before.
    """

    def __init__(self, now: int) -> None:
        self._now = now

    @property
    def info(self) -> SourceInfo:
        """Kind ``sample``, without a project: no console shows these entries."""
        return SourceInfo("sample", "built-in staging incident")

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries stamped (or received) in ``window``, or all of them, newest first as gcloud exports them."""
        field = "receiveTimestamp" if window is not None and window.received else "timestamp"
        for entry in self._entries():
            if window is None or parse_timestamp(entry[field]) in window:
                yield entry

    def _entries(self) -> list[LogEntry]:
        draw = random.Random(_SEED)  # noqa: S311 - the same entries each time are the point
        shape = Shaper(self._now, draw)
        _deploy(shape)
        for line in LINES:
            shape.text(DEPLOY + line.at, line.origin, line.text, log=line.log, severity=line.severity)
        _requests(shape, draw)
        _chores(shape, draw)
        return shape.newest_first()


def _deploy(shape: Shaper) -> None:
    shape.replace_service(DEPLOY, API_NEW)
    shape.revision_ready(DEPLOY + 23.0, API_NEW)


def _requests(shape: Shaper, draw: random.Random) -> None:
    step = (_SPAN - _QUIET) / _REQUESTS
    for number, (_, service, method, path, usual) in enumerate(draw.choices(_ROUTES, _WEIGHTS, k=_REQUESTS)):
        end = -_SPAN + (number + draw.random()) * step
        origin = _instance(service, end, draw)
        broken = origin in (API_NEW, API_SECOND)
        status = usual
        if broken and (method, path) == _LOGIN:
            status = 500
        elif broken and path == _PRIVATE and draw.random() < 0.8:  # noqa: PLR2004 - who had signed in before stays in
            status = 401
        latency = draw.lognormvariate(-3.2, 0.8)
        trace = f"{draw.getrandbits(128):032x}"
        shape.request(end, origin, method=method, path=path, status=status, latency=latency, trace=trace)
        if status >= 500:  # noqa: PLR2004 - HTTP's server errors
            _login_failed(shape, draw, end, origin, trace)
        elif service == API:
            shape.text(end, origin, f'INFO:     169.254.169.126:0 - "{method} {path} HTTP/1.1" {status}', log="stdout")
        elif service == AUTH and draw.random() < 0.5:  # noqa: PLR2004 - one in two is logged
            fields = {"event": path.strip("/"), "ms": round(latency * 1000, 1)}
            shape.json(end, origin, "token checked", fields=fields, trace=trace)


def _login_failed(shape: Shaper, draw: random.Random, end: float, origin: Origin, trace: str) -> None:
    shape.postgres(end - 0.012, SQL_ERROR, "ERROR")
    # Cloud Run takes each line that a program prints as an entry of its own.
    for number, line in enumerate(LOGIN_ERROR.format(guest=draw.choice(_GUESTS)).splitlines()):
        shape.text(end - 0.004 + number * 0.00002, origin, line)
    fields = {"upstream": API, "status": 500}
    shape.json(end + 0.02, _OTHERS[WEB], "sign-in form shown again", fields=fields, trace=trace)


def _instance(service: str, end: float, draw: random.Random) -> Origin:
    if service != API:
        return _OTHERS[service]
    if end < _TRAFFIC_MOVED:
        return draw.choice(API_BEFORE)
    return draw.choice((API_NEW, API_SECOND)) if end > _SECOND_READY else API_NEW


def _chores(shape: Shaper, draw: random.Random) -> None:
    worker, auth = _OTHERS[WORKER], _OTHERS[AUTH]
    for minute in range(55):
        at = -_SPAN + 60.0 * minute + draw.random()
        task = _TASKS[minute % len(_TASKS)]
        fields = {"task": task, "rows": draw.randrange(400), "failed": 0}
        shape.json(at, worker, f"{task}: {fields['rows']} rows, 0 failed", fields=fields)
        shape.loguru(at + 4.0, worker, "INFO", "booking.queue:drain:88", f"queue drained, {draw.randrange(9)} jobs")
        if minute % 5 == 0:
            shape.postgres(at + 9.0, f"LOG:  checkpoint complete: wrote {draw.randrange(200)} buffers (0.4%)", "INFO")
        if minute % 11 == 3:  # noqa: PLR2004 - now and then
            shape.loguru(at + 20.0, worker, "WARNING", "booking.tides:fetch:41", "tide service slow: 1.4 s, used cache")
        if minute % 9 == 4:  # noqa: PLR2004 - now and then
            # Some loggers attach an error object to every record; it says nothing about this one.
            decoy = {"error": {"message": "Missing field", "severity": "ERROR"}, "form": "berth-hold"}
            shape.json(at + 31.0, auth, "form checked, guest asked again", fields=decoy)
        for second in (12.0, 27.0, 42.0, 57.0):
            shape.text(at - 1 + second, auth, 'INFO:     127.0.0.1:0 - "GET /healthz HTTP/1.1" 200 OK', log="stdout")
