"""A stage: the entries of one capture while a scene writes them, and what a reader of the capture should find."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

__all__ = ["Expected", "Found", "Place", "Stage"]

PROJECT = "orchard-staging"
BEGIN = datetime(2025, 9, 11, 6, 0, 0, tzinfo=UTC)
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "okhttp/4.12.0", "GoogleHC/1.0")


class Place(NamedTuple):
    """Where a line comes from: a service (or job), its revision, and an instance of it."""

    service: str
    revision: str
    instance: str
    job: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One incident that a reader should find.

    Attributes:
        name: What the scene calls it.
        rules: Rules that may name its cause; empty where any may.
        causes: insertIds of the entries that show the cause.
        effects: insertIds that must lie in this incident, or in none.
        services: The services it hits.
        deploy: What must be said of the deploy: ``before``, ``after``, ``unsure`` or ``none``; empty for anything.
        contradicts: Texts of claims that it belies, at least these.
        unknown: No rule knows the cause; it may stand among the unclassified errors instead.
        starts: Container starts, at least; 0 for any number.
    """

    name: str
    causes: tuple[str, ...]
    rules: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    deploy: str = ""
    contradicts: tuple[str, ...] = ()
    unknown: bool = False
    starts: int = 0


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader should find in one capture, and nothing above low beside it."""

    about: str
    found: tuple[Found, ...] = ()


class Stage:
    """The entries of one capture in the making; times are seconds after the capture's beginning.

    Args:
        seed: Of everything that is left to chance.
        service: The service that says what is not said to come from elsewhere.
    """

    def __init__(self, seed: int, service: str = "orchard-api") -> None:
        self.rng = random.Random(seed)
        self.entries: list[dict[str, Any]] = []
        self.home = self.place(service)

    def place(self, service: str, revision: int = 41, *, job: bool = False) -> Place:
        """A new instance of a service's revision."""
        tail = "".join(random.Random(f"{service}{revision}").choices("bcdfghjkmnpqrstvwxz", k=3))
        return Place(service, f"{service}-{revision:05d}-{tail}", f"0069c7a9{self._hex(60)}", job)

    def text(
        self, at: float, message: str, where: Place | None = None, *, severity: str = "", stream: str = "stderr"
    ) -> str:
        """A line of text on a stream; most have no severity."""
        return self._add(at, where or self.home, f"run.googleapis.com%2F{stream}", severity, textPayload=message)

    def log(self, at: float, level: str, logger: str, message: str, where: Place | None = None) -> str:
        """A line as loguru writes it."""
        moment = BEGIN + timedelta(seconds=at)
        return self.text(
            at,
            f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} | {level:<8} | {logger} - {message}",
            where,
        )

    def lines(
        self, at: float, message: str, where: Place | None = None, *, step: float = 0.0004, severity: str = ""
    ) -> tuple[str, ...]:
        """A text that arrives line by line."""
        split = [line for line in message.splitlines() if line.strip()]
        return tuple(self.text(at + n * step, line, where, severity=severity) for n, line in enumerate(split))

    def json(self, at: float, message: str, where: Place | None = None, *, severity: str = "INFO", **more: Any) -> str:
        """A structured line on stdout."""
        payload = {"message": message, "logger": "orchard.app", **more}
        return self._add(at, where or self.home, "run.googleapis.com%2Fstdout", severity, jsonPayload=payload)

    def system(self, at: float, message: str, where: Place | None = None, *, severity: str = "INFO") -> str:
        """A line of the platform itself."""
        return self._add(
            at, where or self.home, "run.googleapis.com%2Fvarlog%2Fsystem", severity, textPayload=message
        )  # fmt: skip

    def request(
        self,
        at: float,
        path: str,
        status: int = 200,
        where: Place | None = None,
        *,
        latency: float = 0.08,
        method: str = "GET",
        agent: str = "",
        message: str = "",
    ) -> str:
        """A request, stamped with its start ``at``; it ends ``latency`` later."""
        severity = "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO"
        place = where or self.home
        payload: dict[str, Any] = {
            "httpRequest": {
                "requestMethod": method,
                "requestUrl": f"https://{place.service}.example{path}",
                "status": status,
                "latency": f"{latency:.9f}s",
                "userAgent": agent or self.rng.choice(AGENTS),
                "remoteIp": "203.0.113.77",
                "protocol": "HTTP/1.1",
            },
            "trace": f"projects/{PROJECT}/traces/{self._hex(32)}",
        }
        if message:
            payload["textPayload"] = message
        return self._add(at, place, "run.googleapis.com%2Frequests", severity, lag=latency, **payload)

    def deploy(self, at: float, where: Place) -> str:
        """The audit entry of a deploy that makes the revision of ``where``."""
        proto = {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "run.googleapis.com",
            "methodName": "google.cloud.run.v1.Services.ReplaceService",
            "resourceName": f"namespaces/{PROJECT}/services/{where.service}",
            "authenticationInfo": {"principalEmail": "deployer@orchard-staging.iam.gserviceaccount.com"},
            "request": {"spec": {"template": {"metadata": {"name": where.revision}}}},
        }
        bare = where._replace(instance="", revision="")
        return self._add(at, bare, "cloudaudit.googleapis.com%2Factivity", "NOTICE", protoPayload=proto)

    def capture(self) -> list[dict[str, Any]]:
        """The entries as gcloud prints them: newest first."""
        return sorted(self.entries, key=lambda entry: (_stamp_key(entry), entry["insertId"]), reverse=True)

    def _add(self, at: float, where: Place, log: str, severity: str, *, lag: float = 0.0, **payload: Any) -> str:
        insert_id = self._hex(24)
        received = at + lag + self.rng.choice((0.2, 0.4, 0.9, 3.0, 11.0))
        kind = "cloud_run_job" if where.job else "cloud_run_revision"
        labels = {"location": "europe-west4", "project_id": PROJECT}
        own = {"migration-run": "20250911-4", "connection-check": "nightly", "commit-sha": self._hex(7)}
        if where.job:
            labels["job_name"] = where.service
            own["run.googleapis.com/execution_name"] = where.revision
        else:
            labels |= {"service_name": where.service, "revision_name": where.revision}
        if where.instance:
            own["instanceId"] = where.instance
        entry: dict[str, Any] = {
            "insertId": insert_id,
            "labels": own,
            "logName": f"projects/{PROJECT}/logs/{log}",
            "receiveTimestamp": _stamp(received),
            "resource": {"labels": {k: v for k, v in labels.items() if v}, "type": kind},
            "timestamp": _stamp(at),
            **payload,
        }
        if severity:
            entry["severity"] = severity
        self.entries.append(entry)
        return insert_id

    def _hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(digits * 4):0{digits}x}"


def _stamp(at: float) -> str:
    """A time as the API writes it: as many digits as it needs."""
    moment = BEGIN + timedelta(seconds=at)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _stamp_key(entry: dict[str, Any]) -> tuple[str, str]:
    whole, _, fraction = entry["timestamp"].rstrip("Z").partition(".")
    return whole, f"{fraction:0<9}"
