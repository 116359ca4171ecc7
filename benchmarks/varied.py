"""The same corpus with entries that differ: what logs of services hold that number everything they speak of.

Paths and texts name things by UUIDs and hexadecimal digests, so that hardly two are alike; JSON comes with names in
camel case, as Node and Java write it, without a message, as proxies do, and with SQL over many lines; a third of the
requests passed a load balancer, which logs them with a payload of its own; and some entries carry a label that no other
carries.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from benchmarks.corpus import Corpus

__all__ = ["Varied"]

_PATHS: Final = (
    "/api/orders/{id}",
    "/api/orders/{id}/items/{number}",
    "/api/search?q={id}",
    "/healthz",
    "/api/users/{id}/cart",
    "/files/{digest}",
)
_SAID: Final = (
    "order {id} placed by customer {other}",
    "GET /api/orders/{id} took {number} ms",
    "cache miss for {digest}, loaded in {number} ms",
    "mail {number} handed over to the relay for {id}",
    "request {id} done",
    "price list {number} recomputed",
)
_LINES: Final = (
    "2025-09-10 08:15:30,123 - app.jobs - INFO - [{id}] job done in {number} ms",
    "DEBUG:app.cache:entry {digest} evicted after {number} s",
    "session {id} refreshed",
    "worker {number} took ticket {digest} from the line",
)
_STATEMENTS: Final = (
    "SELECT orders.id, orders.customer_id, orders.total \nFROM orders \nWHERE orders.id = '{id}'::uuid",
    "SELECT items.id, items.price \nFROM items \nWHERE items.id = '{id}'::uuid ORDER BY items.id \n LIMIT {number}",
    "[generated in 0.00{number}s] ('{id}', '{other}', {number})",
)
_AGENTS: Final = tuple(
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0" for number in range(120, 145)
)
_SHARE_BALANCED: Final = 1 / 3
_SHARE_LABELED: Final = 0.2
_BALANCER: Final = {
    "@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry",
    "statusDetails": "response_sent_by_backend",
    "backendTargetProjectNumber": "projects/1234567890",
    "cacheDecision": ["RESPONSE_HAS_CACHE_CONTROL", "CACHE_MODE_USE_ORIGIN_HEADERS"],
}


class Varied(Corpus):
    """Entries one after another; the same for the same seed. Failures and tracebacks are those of :class:`Corpus`."""

    def _named(self, text: str) -> str:
        rand = self._random
        return text.format(
            id=uuid.UUID(int=rand.getrandbits(128), version=4),
            other=uuid.UUID(int=rand.getrandbits(128), version=4),
            digest=f"{rand.getrandbits(160):040x}",
            number=rand.randrange(10_000),
        )

    def _labeled(self, entry: str) -> str:
        """Some entries get a label of their own."""
        if self._random.random() >= _SHARE_LABELED:
            return entry
        head = '"labels"' + self._separators[1] + "{"
        label = self._named('"requestId"' + self._separators[1].replace("{", "{{") + '"{id}"')
        return entry.replace(head, head + label + self._separators[0], 1)

    def _request(self) -> list[str]:
        rand = self._random
        request = {
            "latency": f"0.{rand.randrange(10**9):09}s",
            "remoteIp": f"203.0.113.{rand.randrange(256)}",
            "requestMethod": rand.choice(("GET", "GET", "GET", "POST")),
            "requestUrl": "https://staging.acme.example" + self._named(rand.choice(_PATHS)),
            "responseSize": str(rand.randrange(9000)),
            "status": rand.choices((200, 204, 304, 404, 500), (880, 60, 40, 19, 1))[0],
            "userAgent": rand.choice(_AGENTS),
        }
        severity = {404: "WARNING", 500: "ERROR"}.get(int(str(request["status"])), "INFO")
        entry = self._entry("httpRequest", self._dump(request), "run.googleapis.com%2Frequests", severity)
        if rand.random() < _SHARE_BALANCED:
            head = '"labels"' + self._separators[1]
            payload = '"jsonPayload"' + self._separators[1] + self._dump(_BALANCER) + self._separators[0]
            entry = entry.replace(head, payload + head, 1)
        return [self._labeled(entry)]

    def _json(self) -> list[str]:
        payload = self._random.choice((self._application, self._application, self._proxy, self._database))()
        return [self._labeled(self._entry("jsonPayload", self._dump(payload), "run.googleapis.com%2Fstdout", "INFO"))]

    def _application(self) -> dict[str, Any]:
        rand = self._random
        return {
            "level": rand.choice((30, "info")),
            "hostname": "localhost",
            "requestId": self._named("{id}"),
            "responseTime": rand.randrange(900),
            "msg": self._named(rand.choice(_SAID)),
        }

    def _proxy(self) -> dict[str, Any]:
        rand = self._random
        return {
            "method": rand.choice(("GET", "POST")),
            "path": self._named(rand.choice(_PATHS)),
            "response_code": rand.choice((200, 204, 304)),
            "duration": rand.randrange(900),
            "upstream_cluster": f"outbound|80||{rand.choice(('orders', 'search'))}.default.svc.cluster.local",
            "request_id": self._named("{id}"),
            "user_agent": rand.choice(_AGENTS),
            "response_flags": "-",
        }

    def _database(self) -> dict[str, Any]:
        return {"logger": "sqlalchemy.engine.Engine", "message": self._named(self._random.choice(_STATEMENTS))}

    def _text(self) -> list[str]:
        line = self._named(self._random.choice(_LINES))
        return [self._labeled(self._entry("textPayload", self._dump(line), "run.googleapis.com%2Fstderr"))]
