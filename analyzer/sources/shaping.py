"""Made-up lines in the shape of the API's LogEntry JSON, for the sample."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from analyzer.sources.story import PROJECT, Origin
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    import random

    from analyzer.model import LogEntry

__all__ = ["Shaper"]

_REGION = "europe-west4"
_LOGS = f"projects/{PROJECT}/logs/"
_CLOUD_RUN = f"{_LOGS}run.googleapis.com%2F"
_AUDIT = f"{_LOGS}cloudaudit.googleapis.com%2F"
_POSTGRES = f"{_LOGS}cloudsql.googleapis.com%2Fpostgres.log"
_DEPLOYER = f"ci-deployer@{PROJECT}.iam.gserviceaccount.com"
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1",
    "booking-app/7.3 (Android 15)",
)
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class Shaper:
    """Collects entries; every time is given in seconds relative to the end (below zero).

    Args:
        now: The end, nanoseconds since the epoch.
        draw: What lags, sizes and ids are drawn from.
    """

    def __init__(self, now: int, draw: random.Random) -> None:
        self._now = now // 1_000 * 1_000
        self._draw = draw
        self._entries: list[tuple[int, LogEntry]] = []

    def newest_first(self) -> list[LogEntry]:
        """The entries, the newest first."""
        return [entry for _, entry in sorted(self._entries, key=lambda item: item[0], reverse=True)]

    def text(self, at: float, origin: Origin, text: str, *, log: str = "stderr", severity: str = "") -> None:
        """A line a program printed, or the platform where ``log`` is ``varlog/system``."""
        name = _CLOUD_RUN + log.replace("/", "%2F")
        self._add(at, {"textPayload": text, "labels": _labels(origin), **_of(origin), "logName": name}, severity)

    def loguru(self, at: float, origin: Origin, level: str, place: str, text: str) -> None:
        """A line as loguru formats it."""
        stamp = format_timestamp(self._time(at) // 1_000_000 * 1_000_000)[:23].replace("T", " ").removesuffix("Z")
        self.text(at, origin, f"{stamp} | {level:<8} | {place} - {text}")

    def json(self, at: float, origin: Origin, text: str, *, fields: dict[str, Any], trace: str = "") -> None:
        """A structured record on standard output."""
        body: dict[str, Any] = {"jsonPayload": {"message": text, **fields}, "labels": _labels(origin), **_of(origin)}
        if trace:
            body |= {"trace": f"projects/{PROJECT}/traces/{trace}", "traceSampled": True}
        self._add(at, body | {"logName": f"{_CLOUD_RUN}stdout"}, "INFO")

    def request(  # noqa: PLR0913 - as many as the entry has parts
        self, end: float, origin: Origin, *, method: str, path: str, status: int, latency: float, trace: str
    ) -> None:
        """A request's entry, stamped with its start as Cloud Run does."""
        draw = self._draw
        body = {
            "httpRequest": {
                "latency": f"{latency:.9f}s",
                "protocol": "HTTP/1.1",
                "remoteIp": f"203.0.113.{draw.randrange(1, 255)}",
                "requestMethod": method,
                "requestSize": str(draw.randrange(300, 2_000)),
                "requestUrl": f"https://{origin.service}-staging.example.com{path}",
                "responseSize": str(draw.randrange(200, 20_000)),
                "serverIp": "198.51.100.7",
                "status": status,
                "userAgent": draw.choice(_AGENTS),
            },
            "labels": _labels(origin),
            "logName": f"{_CLOUD_RUN}requests",
            **_of(origin),
            "spanId": trace[:16],
            "trace": f"projects/{PROJECT}/traces/{trace}",
            "traceSampled": True,
        }
        severity = "ERROR" if status >= _SERVER_ERROR else "WARNING" if status >= _CLIENT_ERROR else "INFO"
        self._add(end - latency, body, severity, lag=latency)

    def postgres(self, at: float, text: str, severity: str) -> None:
        """A line of the database's log."""
        labels = {"database_id": f"{PROJECT}:booking-db", "project_id": PROJECT, "region": _REGION}
        prefix = format_timestamp(self._time(at) // 1_000_000 * 1_000_000)[:23].replace("T", " ").removesuffix("Z")
        body = {
            "labels": {"INSTANCE_UID": "3-7d1c0a6e-52f4-4a7b-9d0e-1be4c3a2f601", "LOG_BUCKET_NUM": "11"},
            "logName": _POSTGRES,
            "resource": {"labels": labels, "type": "cloudsql_database"},
            "textPayload": f"{prefix} UTC [2114]: db=booking,user=booking_app {text}",
        }
        self._add(at, body, severity)

    def replace_service(self, at: float, origin: Origin) -> None:
        """The audit entry of a deploy."""
        name = f"namespaces/{PROJECT}/services/{origin.service}"
        template = {"metadata": {"name": origin.revision}, "spec": {"containerConcurrency": 80}}
        payload = {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": _DEPLOYER},
            "methodName": "google.cloud.run.v1.Services.ReplaceService",
            "request": {
                "@type": "type.googleapis.com/google.cloud.run.v1.ReplaceServiceRequest",
                "name": name,
                "service": {"kind": "Service", "metadata": {"name": origin.service}, "spec": {"template": template}},
            },
            "resourceName": name,
            "serviceName": "run.googleapis.com",
            "status": {},
        }
        body = {"logName": f"{_AUDIT}activity", "protoPayload": payload, **_of(origin, revision="")}
        self._add(at, body, "NOTICE")

    def revision_ready(self, at: float, origin: Origin) -> None:
        """The system event that says a revision serves."""
        said = f"Ready condition status changed to True for Revision {origin.revision}"
        payload = {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "methodName": "/InternalServices.ReplaceInternalService",
            "resourceName": f"namespaces/{PROJECT}/revisions/{origin.revision}",
            "serviceName": "run.googleapis.com",
            "status": {"message": f"{said} with message: Deploying revision succeeded in 21.64s."},
        }
        self._add(at, {"logName": f"{_AUDIT}system_event", "protoPayload": payload, **_of(origin)}, "INFO")

    def _time(self, at: float) -> int:
        return self._now + int(at * 1_000_000) * 1_000

    def _add(self, at: float, body: dict[str, Any], severity: str, *, lag: float = 0.0) -> None:
        time = self._time(at)
        # Most entries arrive within a second, a few much later; none after the sample's end.
        lag += self._draw.expovariate(4.0) if self._draw.random() < 0.98 else self._draw.uniform(2.0, 9.0)  # noqa: PLR2004
        received = min(time + int(lag * SECOND), max(time, self._now - 1))
        micros = time // 1_000
        entry = {
            "insertId": f"{micros // 1_000_000:08x}{micros % 1_000_000:08x}{self._draw.getrandbits(32):08x}",
            **body,
            "receiveTimestamp": format_timestamp(received),
            "timestamp": format_timestamp(time),
        }
        if severity:
            entry["severity"] = severity
        self._entries.append((time, entry))


@functools.cache
def _instance_id(origin: Origin) -> str:
    digest = hashlib.shake_128(f"{origin.revision}/{origin.number}".encode()).hexdigest(96)
    return f"0069c7a9{digest}"


def _labels(origin: Origin) -> dict[str, str]:
    return {"instanceId": _instance_id(origin), "managed-by": "harbor-ci", "migration-run": "true"}


def _of(origin: Origin, revision: str | None = None) -> dict[str, Any]:
    labels = {
        "configuration_name": origin.service,
        "location": _REGION,
        "project_id": PROJECT,
        "revision_name": origin.revision if revision is None else revision,
        "service_name": origin.service,
    }
    return {"resource": {"labels": labels, "type": "cloud_run_revision"}}
