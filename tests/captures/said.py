"""What the platform and the libraries say in the scenes, word for word."""

from __future__ import annotations

__all__ = ["CLICKHOUSE", "MALFORMED", "MEMORY", "NOT_READY", "POSTGRES", "REDIS", "REQUEST_MEMORY", "REQUEST_TIMEOUT"]

MALFORMED = (
    "The request failed because either the HTTP response was malformed or connection to the instance had an error. "
    "Additional troubleshooting documentation can be found at: https://cloud.google.com/run/docs/troubleshooting"
)
MEMORY = (
    "Memory limit of 512 MiB exceeded with 521 MiB used. Consider increasing the memory limit, see "
    "https://cloud.google.com/run/docs/configuring/memory-limits"
)
REQUEST_MEMORY = (
    "While handling this request, the container instance was found to be using too much memory and was terminated."
)
REQUEST_TIMEOUT = (
    "The request has been terminated because it has reached the maximum request timeout. To change this limit, see "
    "https://cloud.google.com/run/docs/configuring/request-timeout"
)
NOT_READY = (
    "The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment "
    "variable within the allocated timeout."
)
REDIS = "Redis connection failed: Error 111 connecting to 10.30.0.5:6379. Connection refused."
CLICKHOUSE = (
    "ClickHouse connection failed: HTTPSConnectionPool(host='clickhouse.orchard.example', port=8443): Max retries "
    "exceeded (Caused by NewConnectionError: Failed to establish a new connection: [Errno 111] Connection refused)"
)
POSTGRES = '(psycopg2.OperationalError) connection to server at "10.20.0.3", port 5432 failed: Connection'
