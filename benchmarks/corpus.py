r"""A seeded corpus of LogEntries as a Cloud Storage sink writes them: newline-delimited JSON in shards.

60 % requests, 25 % JSON at INFO, about 10 % text on stderr, 3 % audited calls, 1.5 % failures of sixty kinds
(``failures.json``: messages that sixty rules of the pack were tested with), and tracebacks that came as one entry a
line. Half the shards have a blank behind each colon, as ``json.dumps`` writes them; some texts hold emoji, some ``\u``
escapes. The same seed gives the same bytes, whatever becomes of the pack.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import textwrap
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Corpus", "write_array", "write_shards"]

SHARD: Final = 250_000
"""Entries of one shard at most."""

_START = int(datetime(2025, 9, 10, tzinfo=UTC).timestamp())
_BATCH = 2_000
_CALM_SHARES = (0.60, 0.25, 0.1026, 0.03)
_FAILURES = 0.015
_TRACEBACKS = 0.0003
_LOOKED_AT = 2_000
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
        failing: Share of failures instead of the usual one.
    """

    def __init__(self, seed: int, *, spaced: bool, failing: float | None = None) -> None:
        self._random = random.Random(seed)
        self._separators = (", ", ": ") if spaced else (",", ":")
        self._time = _START
        self._number = seed << 40
        self._places = [self._place(service) for service in _SERVICES for _ in range(4)]
        self._failures = json.loads(Path(__file__).with_name("failures.json").read_text(encoding="utf-8"))
        share = _FAILURES if failing is None else failing / (1 - failing) * sum(_CALM_SHARES)
        self._weights = (*_CALM_SHARES, share, _TRACEBACKS)

    def lines(self, count: int) -> Iterator[str]:
        """So many entries, each as a line of JSON without its line feed."""
        left = count
        makers: list[Callable[[], list[str]]] = [self._request, self._json, self._text, self._audit, self._failure]
        makers.append(self._traceback)
        while left > 0:
            for maker in self._random.choices(makers, self._weights, k=min(left, _BATCH)):
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


def write_shards(  # noqa: PLR0913 - what a corpus is made of
    folder: Path,
    count: int,
    *,
    seed: int = 5,
    packed: bool = False,
    failing: float | None = None,
    make: type[Corpus] = Corpus,
) -> list[Path]:
    """A corpus of ``count`` entries in shards, at least two.

    Args:
        folder: Where it is to stand; shards that are there already are kept when they begin as they should.
        count: Entries in all.
        seed: Of the first shard; each has its own.
        packed: Each is compressed.
        failing: Share of failures instead of the usual one.
        make: Makes the entries.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shards = max(2, -(-count // SHARD))
    paths = [folder / f"{index:04}.json{'.gz' if packed else ''}" for index in range(shards)]
    with ProcessPoolExecutor() as pool:
        written = [
            pool.submit(_write_shard, path, seed + index, count // shards + (index < count % shards), failing, make)
            for index, path in enumerate(paths)
        ]
    for one in written:
        one.result()
    return paths


def write_array(path: Path, count: int, *, seed: int = 5) -> Path:
    """The same as one array, indented as ``gcloud logging read --format=json`` prints it."""

    def texts() -> Iterator[str]:
        for index, line in enumerate(Corpus(seed, spaced=False).lines(count)):
            entry = textwrap.indent(json.dumps(json.loads(line), indent=2), "  ")
            yield f"{',' if index else '['}\n{entry}"
        yield "\n]\n"

    _keep_or_write(path, texts)
    return path


def _write_shard(path: Path, seed: int, count: int, failing: float | None, make: type[Corpus]) -> None:
    """Every other shard has blanks."""

    def texts() -> Iterator[str]:
        spaced = int(path.name.partition(".")[0]) % 2 == 1
        return (f"{line}\n" for line in make(seed, spaced=spaced, failing=failing).lines(count))

    _keep_or_write(path, texts)


def _keep_or_write(path: Path, texts: Callable[[], Iterator[str]]) -> None:
    """Write a file, unless it is there and begins as it should: with other failures it is another corpus."""
    if path.exists():
        wanted = "".join(itertools.islice(texts(), _LOOKED_AT))
        with _opened(path, "r") as file:
            if file.read(len(wanted)) == wanted:
                return
    part = path.with_name(path.name + ".part")
    with _opened(part, "w") as file:
        file.writelines(texts())
    part.rename(path)


def _opened(path: Path, mode: str) -> TextIO:
    if ".gz" in path.suffixes:
        return cast("TextIO", gzip.open(path, f"{mode}t", 6, "utf-8"))
    return cast("TextIO", path.open(mode, encoding="utf-8"))
