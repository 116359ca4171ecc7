r"""A seeded corpus of LogEntries as a Cloud Storage sink writes them: newline-delimited JSON in shards.

60 % requests, 25 % JSON at INFO, about 10 % text on stderr, 3 % audited calls, 1.5 % failures of sixty kinds (the
messages that sixty rules of the pack are tested with), and tracebacks that came as one entry a line. Half the shards
have a blank behind each colon, as ``json.dumps`` writes them; some texts hold emoji, some ``\u`` escapes.
"""

from __future__ import annotations

import gzip
import json
import random
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from analyzer.ruleset.load import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Corpus", "write_array", "write_shards"]

SHARD: Final = 250_000
"""Entries of one shard at most."""

_START = int(datetime(2025, 9, 10, tzinfo=UTC).timestamp())
_KINDS = 60
_BATCH = 2_000
_SERVICES = ("gateway", "orders", "accounts", "search", "mailer", "ledger")
_PATHS = (
    "/api/orders",
    "/api/orders/%d",
    "/api/search?q=tea+%d",
    "/healthz",
    "/static/app.%d.js",
    "/api/users/%d/cart",
)
_TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/jobs/nightly.py", line %d, in run
    await totals.refresh(session)
  File "/srv/app/totals.py", line 88, in refresh
    row = await session.scalar(query)
  File "/usr/lib/python3/site-packages/sqlalchemy/ext/asyncio/session.py", line 461, in scalar
    result = await greenlet_spawn(self.sync_session.scalar, statement)
sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "totals_%d" does not exist
[SQL: SELECT totals.id FROM totals_%d WHERE totals.day = %%(day)s]"""
_CALM = (
    "cache warmed: %d keys in %d ms",
    "order %d placed by customer %d",
    "mail %d handed over to the relay, attempt %d",
    "session %d refreshed, %d seconds left",
    "price list %d recomputed for %d articles 🍵",
    "Überweisung %d verbucht, %d Posten",
    "queue drained: %d messages in %d ms",
    "search index %d merged, %d segments",
)
_LINES = (
    'INFO:     10.0.%d.%d:0 - "GET /healthz HTTP/1.1" 200 OK',
    "2025-09-10 08:15:30,123 - app.jobs - INFO - job %d done in %d ms",
    "[2025-09-10 08:15:30 +0000] [%d] [INFO] Booting worker with pid: %d",
    "worker %d took ticket %d from the line",
    "DEBUG:app.cache:entry %d evicted after %d s",
    "I0910 08:15:30.123456   %d sync.go:42] Synced %d objects",
)


class Corpus:
    """Entries one after another; the same for the same seed.

    Args:
        seed: Of the random numbers.
        spaced: A blank stands behind each colon and comma.
    """

    def __init__(self, seed: int, *, spaced: bool) -> None:
        self._random = random.Random(seed)
        self._separators = (", ", ": ") if spaced else (",", ":")
        self._time = _START
        self._number = seed << 40
        self._places = [self._place(service) for service in _SERVICES for _ in range(4)]
        self._failures = _failures()

    def lines(self, count: int) -> Iterator[str]:
        """So many entries, each as a line of JSON without its line feed."""
        left = count
        makers: list[Callable[[], list[str]]] = [self._request, self._json, self._text, self._audit, self._failure]
        makers.append(self._traceback)
        weights = (0.60, 0.25, 0.1026, 0.03, 0.015, 0.0003)
        while left > 0:
            for maker in self._random.choices(makers, weights, k=min(left, _BATCH)):
                made = maker()[:left]
                left -= len(made)
                yield from made

    def _place(self, service: str) -> tuple[str, str]:
        """Labels and resource of one instance, as JSON."""
        labels = {"instanceId": self._random.randbytes(96).hex(), "managed-by": "ci", "commit-sha": "4f1c" * 10}
        revision = f"{service}-{self._random.randint(1, 60):05}-{self._random.choice(['abc', 'qud', 'viz'])}"
        resource = {
            "type": "cloud_run_revision",
            "labels": {
                "configuration_name": service,
                "location": "europe-west4",
                "project_id": "acme-staging",
                "revision_name": revision,
                "service_name": service,
            },
        }
        return self._dump(labels), self._dump(resource)

    def _dump(self, value: Any, *, escaped: bool = False) -> str:
        return json.dumps(value, ensure_ascii=escaped, separators=self._separators)

    def _entry(self, payload: str, value: str, log: str, severity: str = "") -> str:
        """An entry whose payload is already JSON."""
        rand = self._random
        comma, colon = self._separators
        self._number += 1
        self._time += rand.random() < 0.02  # noqa: PLR2004 - fifty entries a second
        labels, resource = rand.choice(self._places)
        stamp = f"{datetime.fromtimestamp(self._time, UTC):%Y-%m-%dT%H:%M:%S}"
        nanos = rand.randrange(10**9)
        said = f'"severity"{colon}"{severity}"{comma}' if severity else ""
        trace = f"{rand.getrandbits(128):032x}"
        return (
            f'{{"insertId"{colon}"{self._number:020x}"{comma}"{payload}"{colon}{value}{comma}'
            f'"labels"{colon}{labels}{comma}"logName"{colon}"projects/acme-staging/logs/{log}"{comma}{said}'
            f'"receiveTimestamp"{colon}"{stamp}.{min(nanos + 4_000_000, 999_999_999):09}Z"{comma}'
            f'"resource"{colon}{resource}{comma}"timestamp"{colon}"{stamp}.{nanos:09}Z"{comma}"trace"{colon}"projects/acme-staging/traces/{trace}"}}'
        )

    def _request(self) -> list[str]:
        rand = self._random
        path = rand.choice(_PATHS)
        request = {
            "latency": f"0.{rand.randrange(10**9):09}s",
            "protocol": "HTTP/1.1",
            "remoteIp": f"203.0.113.{rand.randrange(256)}",
            "requestMethod": "GET",
            "requestSize": "713",
            "requestUrl": "https://staging.acme.example" + (path % rand.randrange(10_000) if "%d" in path else path),
            "responseSize": str(rand.randrange(9000)),
            "serverIp": "198.51.100.7",
            "status": rand.choices((200, 204, 304, 404, 500), (880, 60, 40, 19, 1))[0],
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
        }
        severity = {404: "WARNING", 500: "ERROR"}.get(int(str(request["status"])), "INFO")
        return [self._entry("httpRequest", self._dump(request), "run.googleapis.com%2Frequests", severity)]

    def _json(self) -> list[str]:
        rand = self._random
        text = rand.choice(_CALM) % (rand.randrange(100_000), rand.randrange(900))
        payload = {
            "message": text,
            "module": "app.jobs",
            "task": f"{rand.getrandbits(64):016x}",
            "rows": rand.randrange(99),
        }
        if rand.random() < 0.2:  # noqa: PLR2004
            payload = {"level": "info", "logger": "app.jobs", **payload}
        escaped = rand.random() < 0.5  # noqa: PLR2004
        return [self._entry("jsonPayload", self._dump(payload, escaped=escaped), "run.googleapis.com%2Fstdout", "INFO")]

    def _text(self) -> list[str]:
        rand = self._random
        line = rand.choice(_LINES) % (rand.randrange(200), rand.randrange(200))
        return [self._entry("textPayload", self._dump(line), "run.googleapis.com%2Fstderr")]

    def _audit(self) -> list[str]:
        payload = {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": "ci@acme-staging.iam.gserviceaccount.com"},
            "methodName": self._random.choice(("storage.objects.get", "google.pubsub.v1.Publisher.GetTopic")),
            "resourceName": f"projects/_/buckets/acme/objects/{self._random.getrandbits(48):x}",
            "serviceName": "storage.googleapis.com",
        }
        return [self._entry("protoPayload", self._dump(payload), "cloudaudit.googleapis.com%2Fdata_access", "INFO")]

    def _failure(self) -> list[str]:
        text = self._random.choice(self._failures)
        escaped = self._random.random() < 0.3  # noqa: PLR2004
        if self._random.random() < 0.5:  # noqa: PLR2004
            payload = self._dump({"message": text, "module": "app"}, escaped=escaped)
            return [self._entry("jsonPayload", payload, "run.googleapis.com%2Fstdout", "ERROR")]
        return [self._entry("textPayload", self._dump(text, escaped=escaped), "run.googleapis.com%2Fstderr")]

    def _traceback(self) -> list[str]:
        number = self._random.randrange(9)
        text = _TRACEBACK % (number, number, number)
        places, self._places = self._places, [self._random.choice(self._places)]
        made = [
            self._entry("textPayload", self._dump(part), "run.googleapis.com%2Fstderr") for part in text.split("\n")
        ]
        self._places = places
        return made


def write_shards(folder: Path, count: int, *, seed: int = 5, packed: bool = False) -> list[Path]:
    """A corpus of ``count`` entries in shards, at least two; those that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    shards = max(2, -(-count // SHARD))
    paths = []
    for index in range(shards):
        path = folder / f"{index:04}.json{'.gz' if packed else ''}"
        paths.append(path)
        if path.exists():
            continue
        part = path.with_suffix(".part")
        corpus = Corpus(seed + index, spaced=index % 2 == 1)
        size = count // shards + (index < count % shards)
        with gzip.open(part, "wt", 6, "utf-8") if packed else part.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in corpus.lines(size))
        part.rename(path)
    return paths


def write_array(path: Path, count: int, *, seed: int = 5) -> Path:
    """The same as one array, indented as ``gcloud logging read --format=json`` prints it."""
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            for index, line in enumerate(Corpus(seed, spaced=False).lines(count)):
                entry = textwrap.indent(json.dumps(json.loads(line), indent=2), "  ")
                file.write(f"{',' if index else '['}\n{entry}")
            file.write("\n]\n")
    return path


def _failures() -> list[str]:
    """Messages of sixty rules, evenly spread over the pack."""
    tested = {
        rule.name: text
        for rule in sorted(load_rules([]).rules, key=lambda rule: rule.name)
        for test in rule.tests[:1]
        if test.match and len(test.entries) == 1 and (text := str(test.entries[0].get("textPayload", "")))
    }
    texts = list(tested.values())
    return [texts[index * len(texts) // _KINDS] for index in range(_KINDS)]
